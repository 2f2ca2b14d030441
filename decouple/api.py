"""The functions for Python users: those of the command line, with the same names and defaults.

``import decouple`` offers them as `decouple.stage1`, `decouple.stage2` and so on. They print nothing, return objects
with a `frame()` for pandas, and leave the process as it was.
"""

import os
from pathlib import Path
from typing import Literal, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from decouple.config.command_settings import DEFAULT_RUNS, CompareConfig, EvaluateConfig
from decouple.config.predict_settings import EmbedConfig, PredictConfig
from decouple.datasets.arrays import ArrayImages
from decouple.deploy.evaluate_images import evaluate_run
from decouple.deploy.export import ExportedFile, export_with
from decouple.deploy.export_settings import ExportConfig
from decouple.errors import ConfigError
from decouple.evaluation.comparison import metric_cells, pairs
from decouple.files.run_checks import require_finished
from decouple.files.run_lookup import find_run
from decouple.fitting.fit_images import fit_images
from decouple.fitting.settings import FitConfig
from decouple.pages.settings import ReportConfig
from decouple.pages.write_report import write_report
from decouple.python.comparison import Comparison
from decouple.python.evaluation import Evaluation
from decouple.python.fit import Fit
from decouple.python.options.compare import CompareOptions
from decouple.python.options.embed import EmbedOptions
from decouple.python.options.evaluate import EvaluateOptions
from decouple.python.options.export import ExportOptions
from decouple.python.options.fit import FitOptions
from decouple.python.options.predict import PredictOptions
from decouple.python.options.report import ReportOptions
from decouple.python.options.stage1 import Stage1Options
from decouple.python.options.stage2 import Stage2Options
from decouple.python.options.tune import JointOptions, Stage2SearchOptions, TauOptions, WeightDecayOptions
from decouple.python.predictions import Predictions
from decouple.python.run import Run
from decouple.python.searches import run_search
from decouple.python.settings import settings_of, with_options_of
from decouple.python.study import Study
from decouple.reporting.chosen_groups import comparison_columns
from decouple.reporting.run_figures import draw_stage1, draw_stage2
from stage1.run import start_run
from stage1.settings import Stage1Config
from stage2.compared_classifiers import load_candidates
from stage2.run_methods import run_stage2
from stage2.settings import ALL, Stage2Config

AnyRun = Run | str | os.PathLike[str]


def load(run: AnyRun | None = None, *, runs: str | os.PathLike[str] = DEFAULT_RUNS) -> Run:
    """Return a finished run.

    Args:
        run: its folder, or its name under `runs`; default: the latest under `runs`.
        runs: folder that holds the runs.

    Raises:
        ConfigError: `run` is neither a path nor a run.
        RunError: there is no such run, or it is not finished.
    """
    if isinstance(run, Run):
        return run
    if not (run is None or isinstance(run, str | os.PathLike)):
        raise ConfigError(f"`run` must be a folder, a name under `runs`, or a Run, got {type(run).__name__}")
    return Run(require_finished(find_run(None if run is None else os.fspath(run), os.fspath(runs))))


@with_options_of(Stage1Config, "data", "resume", "seeds")
def stage1(data: str | ArrayImages = "digits", **options: Unpack[Stage1Options]) -> Run:
    """Learn a representation and a first classifier; return the finished run.

    Args:
        data: a data set by name, or images of `decouple.datasets.from_arrays` or `from_torch`, which are stored in the
            `runs` folder.
        options: those of `decouple stage1`.

    Raises:
        DecoupleError: settings or data are wrong.
    """
    if isinstance(data, ArrayImages):
        folder = Path(os.fspath(options.get("runs", DEFAULT_RUNS)), ".arrays")
        settings = settings_of(Stage1Config, {**options, "data": "arrays", "root": str(data.save(folder))})
    else:
        settings = settings_of(Stage1Config, {**options, "data": data})
    run = start_run(settings)
    draw_stage1(run)
    return Run(run)


@with_options_of(Stage2Config, "run", "method", "seeds", "features")
def stage2(run: AnyRun | None = None, method: str = ALL, **options: Unpack[Stage2Options]) -> Run:
    """Re-balance the classifier of a run on its cached features; return the run, whose `frame()` compares the methods.

    Args:
        run: a finished run of stage one; default: the latest.
        method: a stage-two method, or all.
        options: those of `decouple stage2`.

    Raises:
        DecoupleError: settings are wrong, or a file of the run is missing or damaged.
    """
    settings = settings_of(Stage2Config, {**options, "method": method})
    folder = load(run, runs=settings.runs).folder
    names = run_stage2(folder, settings)
    draw_stage2(folder, settings.weights, names, every_method=settings.figures == "all")
    return Run(folder)


@overload
def tune(what: Literal["weight-decay"], run: AnyRun | None = None, **options: Unpack[WeightDecayOptions]) -> Study: ...
@overload
def tune(what: Literal["joint"], run: AnyRun | None = None, **options: Unpack[JointOptions]) -> Study: ...
@overload
def tune(what: Literal["tau"], run: AnyRun | None = None, **options: Unpack[TauOptions]) -> Study: ...
@overload
def tune(what: Literal["stage2"], run: AnyRun | None = None, **options: Unpack[Stage2SearchOptions]) -> Study: ...
def tune(what: str, run: AnyRun | None = None, **options: object) -> Study:
    """Search hyper-parameters on validation images, as `decouple tune` does; return the search.

    Args:
        what: weight-decay or joint (stage one is trained in every trial, then with the best values), tau, or stage2
            (on cached features).
        run: a finished run; default: the latest.
        options: those of `decouple tune weight-decay` and so on.

    Raises:
        DecoupleError: settings are wrong, or no trial has a value.
    """
    runs = str(options.get("runs", DEFAULT_RUNS))
    return run_search(what, load(run, runs=runs), options)


@with_options_of(FitConfig, "images", "resume")
def fit(images: str | os.PathLike[str], **options: Unpack[FitOptions]) -> Fit:
    """Fit a folder of images: frozen features, all of stage two, training where it pays, one recommended run.

    Args:
        images: folder with one subfolder per class, or with train/, val/ and test/; or a CSV file path,label[,split].
        options: those of `decouple fit`.

    Raises:
        DecoupleError: settings or images are wrong.
    """
    outcome = fit_images(settings_of(FitConfig, {**options, "images": images}))
    for run in outcome.runs:
        draw_stage1(run)
        draw_stage2(run, "last", list(run.read_stage2("last")))
    return Fit(Run(outcome.recommended), tuple(Run(run) for run in outcome.runs), outcome.reason, outcome.conclusions)


@with_options_of(EvaluateConfig, "run", "runs")
def evaluate(run: AnyRun | None = None, **options: Unpack[EvaluateOptions]) -> Evaluation:
    """Return every metric of a classifier on a split of its run, or on a new labelled folder (`images`).

    Args:
        run: a finished run; default: the latest.
        options: those of `decouple evaluate`; `prior` may also map classes to shares.

    Raises:
        DecoupleError: there is no such run, classifier or split, or the images cannot be read.
    """
    return Evaluation(evaluate_run(load(run).folder, settings_of(EvaluateConfig, options)))


@with_options_of(PredictConfig, "images", "run", "runs", "out", "sheet")
def predict(run: AnyRun | None, images: object, **options: Unpack[PredictOptions]) -> Predictions:
    """Return the classes of images, with calibrated probabilities.

    Args:
        run: a finished run; None: the latest.
        images: a path, folder or pattern; a PIL image; an array (H, W), (H, W, 3) or (N, H, W, 3), uint8 or floats in
            [0, 1]; a tensor (3, H, W) or (N, 3, H, W); or a list of these.
        options: those of `decouple predict`; `prior` may also map classes to shares.

    Raises:
        DecoupleError: there is no such run or classifier, or no image that can be read. Other files that cannot be
            read are left out and named in the result.
    """
    return load(run).predict(images, **options)


@with_options_of(EmbedConfig, "images", "run", "runs", "out", "labels")
def embed(run: AnyRun | None, images: object, **options: Unpack[EmbedOptions]) -> NDArray[np.float32]:
    """Return the features of images under the backbone of a run, (N, D).

    Args:
        run: a finished run; None: the latest.
        images: as for `predict`.
        options: `weights`, `device` and `precision` of `decouple embed`.

    Raises:
        DecoupleError: there is no such run, or an image cannot be read.
    """
    return load(run).embed(images, **options)


@with_options_of(CompareConfig, "run", "out")
def compare(*run: AnyRun, **options: Unpack[CompareOptions]) -> Comparison:
    """Compare saved classifiers, of one run or of several, on the same images.

    Args:
        run: folders, names or objects, each; default: the latest run.
        options: those of `decouple compare`.

    Raises:
        DecoupleError: there is no such run or classifier, or the images differ.
    """
    names = tuple(str(entry.path) if isinstance(entry, Run) else os.fspath(entry) for entry in run)
    settings = settings_of(CompareConfig, {**options, "run": names})
    candidates, labels = load_candidates(settings)
    cells = metric_cells(candidates, comparison_columns(settings.groups))
    return Comparison(tuple(cells), tuple(pairs(candidates, labels.numpy())), len(labels))


@with_options_of(ExportConfig, "run", "runs")
def export(run: AnyRun | None = None, **options: Unpack[ExportOptions]) -> ExportedFile:
    """Write a classifier as one file that needs neither the run nor this package; return where and how it was checked.

    Args:
        run: a finished run; default: the latest.
        options: those of `decouple export`; `prior` may also map classes to shares.

    Raises:
        DecoupleError: a package is missing, or the file differs from PyTorch.
    """
    return export_with(load(run).folder, settings_of(ExportConfig, options))


@with_options_of(ReportConfig, "run", "runs")
def report(*run: AnyRun, **options: Unpack[ReportOptions]) -> Path:
    """Write the HTML report of one run, or of several with a table that compares them; return the page to open.

    Args:
        run: folders, names or objects, each; default: the latest run.
        options: those of `decouple report`.

    Raises:
        DecoupleError: there is no such run, or the page cannot be written.
    """
    names = tuple(str(entry.path) if isinstance(entry, Run) else os.fspath(entry) for entry in run)
    return Path(write_report(settings_of(ReportConfig, {**options, "run": names})).path)
