"""The steps of a fit as run folders: what is finished is not repeated."""

from pathlib import Path

from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FINISHED
from decouple.fitting.image_check import data_settings
from decouple.fitting.plan import FINE_TUNING_EPOCHS, FitPlan, TrainedPart
from decouple.fitting.settings import FitConfig
from stage1.run import resume_run, start_run
from stage1.settings import Stage1Config
from stage2.methods import METHODS
from stage2.run_methods import run_stage2
from stage2.settings import ALL, Stage2Config

FINE_TUNING_LR = 0.01  # of SGD on all pretrained layers; 0.05, the default of stage one, is for random ones
# Of the classifier on frozen features. With less weight decay it learns a thousand images by heart, and the methods on
# its logits lose points of the tail: compared on held-out training images of three draws of CIFAR-10-LT.
FROZEN = {"lr": 0.01, "weight_decay": 0.05}


def step_name(name: str, part: TrainedPart) -> str:
    """Return the name of the run of a step.

    Example:
        >>> step_name("moths", "none"), step_name("moths", "last-block")
        ('moths-frozen', 'moths-last-block')
    """
    return f"{name}-{'frozen' if part == 'none' else part}"


def stage1_settings(config: FitConfig, plan: FitPlan, part: TrainedPart, name: str) -> Stage1Config:
    """Return the settings of stage one in a step.

    Args:
        config: of the fit.
        plan: its choices.
        part: what the step trains.
        name: of the fit.
    """
    before_training = part == "none" and plan.train != "none"
    training: dict[str, object] = {"epochs": FINE_TUNING_EPOCHS if before_training else plan.epochs}
    if plan.pretrained is not None:
        training |= {"pretrained": plan.pretrained, "train": part}
        training |= FROZEN if part == "none" else {"lr": FINE_TUNING_LR} if part == "all" else {}
    return Stage1Config(
        **data_settings(config),  # type: ignore[arg-type]
        **training,  # type: ignore[arg-type]
        model=plan.model,
        image_size=plan.image_size,
        seed=config.seed,
        device=config.device,
        runs=config.runs,
        name=step_name(name, part),
    )


def ensure_stage1(settings: Stage1Config) -> RunDir:
    """Return the finished run of the settings: made now, continued, or as it is.

    Raises:
        DecoupleError: settings or images are wrong.
        InterruptedRunError: Ctrl-C came; the state is saved.
    """
    assert settings.name is not None
    run = RunDir(Path(settings.runs, settings.name))
    if not run.manifest.exists():
        return start_run(settings)
    if run.read_manifest().status == FINISHED:
        return run
    return resume_run(settings, explicit=frozenset())


def ensure_stage2(run: RunDir, config: FitConfig) -> list[str]:
    """Return the entries of all stage-two methods on a run, fitted now unless the run has its recommendation already.

    Raises:
        DecoupleError: see `stage2.run_methods.run_stage2`.
    """
    if run.read_results().recommended is not None:
        return [name for name in METHODS if name in run.read_stage2("last")]
    return run_stage2(run, Stage2Config(method=ALL, folds=config.folds, seed=config.seed, device=config.device))
