"""What a fit would take, measured on some real images; nothing is written."""

import dataclasses

from decouple.errors import ConfigError
from decouple.fitting.fit_folder import new_folder
from decouple.fitting.fit_images import plan_fit
from decouple.fitting.plan import TrainedPart
from decouple.fitting.plan_text import plan_lines
from decouple.fitting.settings import FitConfig
from decouple.fitting.steps import stage1_settings
from decouple.log import already_said
from decouple.reporting.work_plan import TrainingPlan, WorkItem, WorkPlan
from stage1.dry_run import load_without_writing, plan_of

STAGE2_NOTE = "reading the images and stage two, usually a few seconds each, come on top"


def fit_work_plan(config: FitConfig) -> WorkPlan:
    """Return what `decouple fit` would do.

    Raises:
        DecoupleError: the settings are wrong, or the images cannot be read.
    """
    if config.resume:
        raise ConfigError("`dry_run` plans a new fit; leave out `resume`")
    new_folder(config)  # the name is checked
    images, plan = plan_fit(config)
    settings = {part: stage1_settings(config, plan, part, "fit") for part in plan.steps}
    lines = plan_lines(config, images, plan)
    with already_said(lines):
        data = load_without_writing(next(iter(settings.values())))
    items: list[WorkItem] = []
    for part, stage1 in settings.items():
        if part == "none":
            measured = plan_of(dataclasses.replace(stage1, epochs=1), data)
            items.append(WorkItem(work="frozen features", times=1, seconds=feature_seconds(measured)))
        else:
            training = plan_of(stage1, data)
            items.append(WorkItem(work=_in_words(part), times=1, seconds=training.seconds, training=training))
    resolved: dict[str, object] = {
        "model": plan.model, "pretrained": plan.pretrained, "image_size": plan.image_size, "train": plan.train,
        "epochs": plan.epochs, "folds": config.folds, "seed": config.seed, "device": config.device,
    }  # fmt: skip
    return WorkPlan(settings=resolved, items=tuple(items), notes=(*lines, STAGE2_NOTE))


def feature_seconds(measured: TrainingPlan) -> float:
    """Return the seconds that the network takes for all images once."""
    return measured.image_seconds * sum(measured.images.values())


def _in_words(part: TrainedPart) -> str:
    return f"stage one ({part})"
