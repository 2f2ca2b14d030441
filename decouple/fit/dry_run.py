"""What a fit would take, measured on some real images; nothing is written."""

import dataclasses

from decouple.datasets.data import TRAIN, VAL
from decouple.errors import ConfigError
from decouple.fit.fit_images import plan_fit
from decouple.fit.plan import TrainedPart
from decouple.fit.plan_text import plan_lines
from decouple.fit.settings import FitConfig, require_images
from decouple.fit.steps import stage1_settings
from decouple.report.work_plan import TrainingPlan, WorkItem, WorkPlan
from stage1.dry_run import load_without_writing, plan_of

STAGE2_NOTE = "reading the images and stage two, usually a few seconds each, come on top"


def fit_work_plan(config: FitConfig) -> WorkPlan:
    """Return what `decouple fit` would do.

    Raises:
        DecoupleError: the settings are wrong, or the images cannot be read.
    """
    if config.resume:
        raise ConfigError("`dry_run` plans a new fit; leave out `resume`")
    require_images(config)
    images, plan = plan_fit(config)
    settings = {part: stage1_settings(config, plan, part, "fit") for part in plan.steps}
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
    return WorkPlan(settings=resolved, items=tuple(items), notes=(*plan_lines(config, images, plan), STAGE2_NOTE))


def feature_seconds(measured: TrainingPlan) -> float:
    """Return the seconds that the network takes for all images once, from the plan of a training of one epoch.

    Such a plan evaluates validation after the epoch, and all images at the end, those of evaluation again for the best
    weights.

    Example:
        Ten steps of 0.1 s, and 100 training and 10 test images of 0.01 s: 1.1 s for all of them.

        >>> plan = TrainingPlan(
        ...     images={"train": 100, "test": 10}, classes=2, image_size=32, parameters=1, epochs=1,
        ...     steps_per_epoch=10, step_seconds=0.1, seconds=2.1, memory_mb=1.0, device="cpu",
        ... )
        >>> round(feature_seconds(plan), 3)
        1.1
    """
    train, validation = measured.images[TRAIN], measured.images.get(VAL, 0)
    held_out = sum(measured.images.values()) - train
    evaluated = validation + train + held_out * (2 if validation else 1)
    return (measured.seconds - measured.steps * measured.step_seconds) / evaluated * (train + held_out)


def _in_words(part: TrainedPart) -> str:
    return f"stage one ({part})"
