"""The way of `decouple fit`: check, plan, frozen features, stage two, training, choice, conclusions."""

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from decouple.device import choose_device
from decouple.errors import NOTHING_WRITTEN, DecoupleError, InterruptedRunError
from decouple.files.fit_record import read_fit, write_fit
from decouple.files.run_dir import RunDir
from decouple.fitting.choice import choose_run
from decouple.fitting.conclusions import conclusions
from decouple.fitting.fit_folder import begin_fit, new_folder, remove_if_empty, resolved, unfinished_fit
from decouple.fitting.image_check import ImageCheck, check_images
from decouple.fitting.plan import PACKAGE_MODEL, FitPlan, make_plan
from decouple.fitting.plan_text import plan_lines
from decouple.fitting.settings import FitConfig
from decouple.fitting.steps import ensure_stage1, ensure_stage2, stage1_settings, step_name
from decouple.log import already_said, logger
from decouple.reporting.stage2_summary import stage2_summary
from stage1.backbones.packaged_weights import has_packaged_weights
from stage1.trainer import NonFiniteLossError

Show = Callable[..., None]  # called with blocks of text


@dataclass(frozen=True, kw_only=True)
class FitOutcome:
    """The result of a fit.

    Attributes:
        folder: of the fit; `decouple predict` and others take it for the recommended run.
        runs: in the order in which they were made.
        recommended: one of them.
        reason: why, in one sentence.
        conclusions: three sentences on its recommended classifier.
        first_table_seconds: from the start to the first comparison of methods; None where none was made now.
    """

    folder: Path
    runs: tuple[RunDir, ...]
    recommended: RunDir
    reason: str
    conclusions: tuple[str, ...]
    first_table_seconds: float | None


def fit_images(config: FitConfig, show: Show = lambda *blocks: None, started: float | None = None) -> FitOutcome:
    """Fit a folder of images; finished steps of an interrupted fit are not repeated.

    Args:
        config: the settings.
        show: called with every part of the text: the plan, a table after each step.
        started: reading of `time.perf_counter` that seconds count from; default: now.

    Raises:
        DecoupleError: settings or images are wrong.
        InterruptedRunError: Ctrl-C came; the message says how to continue.
    """
    started = time.perf_counter() if started is None else started
    try:
        folder, config, plan, remarks = _begin(config, show)
    except KeyboardInterrupt:
        raise InterruptedRunError(NOTHING_WRITTEN) from None
    try:
        with already_said(remarks):
            return _run_steps(folder, config, plan, show, started)
    except DecoupleError:
        remove_if_empty(folder)
        raise
    except (InterruptedRunError, KeyboardInterrupt):
        raise InterruptedRunError(
            f"interrupted; finished steps are saved. Continue with: decouple fit `resume=True` `name={folder.name}`"
            + ("" if config.runs == "runs" else f" `runs={config.runs}`")
        ) from None


def _begin(config: FitConfig, show: Show) -> tuple[Path, FitConfig, FitPlan, list[str]]:
    """Return the folder, the resolved settings, the plan and its lines; make the folder, or open that to continue."""
    resumes = config.resume
    folder, config = unfinished_fit(config) if resumes else (new_folder(config), config)
    images, plan = plan_fit(config)
    config = resolved(config, plan)
    lines = plan_lines(config, images, plan)
    show(*lines)
    if not resumes:
        begin_fit(folder, config, plan)
    return folder, config, plan, lines


def plan_fit(config: FitConfig) -> tuple[ImageCheck, FitPlan]:
    """Return the counts of the images and the resolved choices; no image is read.

    Raises:
        DecoupleError: settings or images are wrong.
    """
    images = check_images(config)
    on_gpu = choose_device(config.device).type != "cpu"
    return images, make_plan(config, images, on_gpu=on_gpu, packaged=has_packaged_weights(PACKAGE_MODEL))


def _run_steps(folder: Path, config: FitConfig, plan: FitPlan, show: Show, started: float) -> FitOutcome:
    runs: list[RunDir] = []
    first_table = None
    for part in plan.steps:
        try:
            run = ensure_stage1(stage1_settings(config, plan, part, folder.name))
        except NonFiniteLossError as error:
            if not runs:
                raise
            logger.warning(f"{step_name(folder.name, part)} is left out: {error.message}")
            continue
        done = run.read_results().recommended is not None
        names = ensure_stage2(run, config)
        runs.append(run)
        if not done and first_table is None:
            first_table = time.perf_counter() - started
            show(f"first table after {first_table:.0f} s")
        show(*stage2_summary(run, "last", names))
    recommended, reason = choose_run(runs)
    record = dataclasses.replace(read_fit(folder), recommended=recommended.name, reason=reason)
    write_fit(folder, record)
    return FitOutcome(
        folder=folder,
        runs=tuple(runs),
        recommended=recommended,
        reason=reason,
        conclusions=tuple(conclusions(recommended)),
        first_table_seconds=first_table,
    )
