"""Export a classifier of a run in one of several formats."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from decouple.deploy.export_settings import ExportConfig, ExportFormat
from decouple.deploy.export_source import ExportSource, open_export_source
from decouple.errors import ConfigError
from decouple.files.atomic import replacing
from decouple.files.atomic_folder import replacing_folder
from decouple.files.run_dir import RunDir
from decouple.log import logger
from decouple.lookup import look_up

Write = Callable[[ExportSource, Path], float]  # writes a file or folder, returns its largest difference from PyTorch


@dataclass(frozen=True)
class _Format:
    module: str  # its `write` is a `Write`
    ending: str  # of the file; none for a folder


FORMATS: dict[str, _Format] = {
    "onnx": _Format("decouple.deploy.export_onnx", ".onnx"),
    "pt2": _Format("decouple.deploy.export_pt2", ".pt2"),
    "timm": _Format("decouple.deploy.export_timm", ""),
}
FOLDER_FILES = frozenset(("config.json", "model.safetensors", "README.md"))  # of the format timm


@dataclass(frozen=True, kw_only=True)
class ExportedFile:
    """A file, or folder, that `export_run` has written, and how it was checked."""

    path: str
    format: str
    bytes: int
    run: str
    method: str
    weights: str
    prior: str
    temperature: float
    classes: int
    image_size: int
    difference: float  # largest one from PyTorch, of probabilities
    checked_on: str  # images, in words


def export_run(
    run: RunDir,
    *,
    format: ExportFormat = "onnx",
    out: str | None = None,
    method: str | None = None,
    checkpoint: str | None = None,
    prior: str | None = None,
    license: str = "unknown",
) -> ExportedFile:
    """Write a classifier of a finished run; the file appears when it has been checked against PyTorch, or not at all.

    Args:
        run: a finished run of stage one.
        format: onnx, pt2 or timm.
        out: file, or folder that gets it; for timm, the folder to write; default: the folder export of the run.
        method: entry of stage two, or none for stage one's classifier; default: the recommended one.
        checkpoint: stage-one weights, last or best; default: those of the recommended classifier, or last.
        prior: train, uniform, or a file; default: the one that the classifier assumes.
        license: for the metadata.

    Raises:
        ConfigError: a package is missing, `out` does not fit, there is no such classifier or prior, or the format
            cannot hold the classifier.
        DecoupleError: the file differs from PyTorch by more than 1e-4.
        DataError: the prior does not fit the classes.
        RunError: the run was made of features, or a file is missing or damaged.
    """
    form = look_up(FORMATS, format, "export format")
    write = _writer(format, form)
    _require_ending(out, form)
    source = open_export_source(run, method=method, checkpoint=checkpoint, prior=prior, license=license)
    target = _target(run, out, form, f"{run.name}-{source.record.method}")
    if target.is_file() or (target.is_dir() and FOLDER_FILES >= {path.name for path in target.iterdir()} > set()):
        logger.warning(f"{target} is an earlier export; it is replaced")
    target.parent.mkdir(parents=True, exist_ok=True)
    difference = _write_file(write, source, target) if form.ending else _write_folder(write, source, target)
    return ExportedFile(
        path=str(target),
        format=format,
        bytes=sum(file.stat().st_size for file in (target.iterdir() if target.is_dir() else (target,))),
        run=str(run.path),
        method=source.record.method,
        weights=source.record.weights,
        prior=source.record.prior,
        temperature=source.record.temperature,
        classes=len(source.record.names),
        image_size=source.record.imgsz[0],
        difference=difference,
        checked_on=source.examples.description,
    )


def export_with(run: RunDir, settings: ExportConfig) -> ExportedFile:
    """Return `export_run` with the options of `decouple export`."""
    return export_run(
        run,
        format=settings.format,
        out=settings.out,
        method=settings.method,
        checkpoint=settings.weights,
        prior=settings.prior,
        license=settings.license,
    )


def _writer(name: str, form: _Format) -> Write:
    try:
        write: Write = importlib.import_module(form.module).write  # onnx, and timm, take seconds to import
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"`format={name}` needs the package {error.name}; install it with: pip install 'decouple-lt[export]'"
        ) from None
    return write


def _require_ending(out: str | None, form: _Format) -> None:
    if out is None or Path(out).is_dir() or not form.ending:
        return
    if Path(out).suffix.lower() != form.ending:
        raise ConfigError(f"`out` must be a file that ends in {form.ending}, or a folder that exists, got '{out}'")


def _target(run: RunDir, out: str | None, form: _Format, stem: str) -> Path:
    if out is None:
        return run.export / f"{stem}{form.ending or '-timm'}"
    path = Path(out)
    return path / f"{stem}{form.ending}" if form.ending and path.is_dir() else path


def _write_file(write: Write, source: ExportSource, target: Path) -> float:
    with replacing(target) as temporary:
        return write(source, temporary)


def _write_folder(write: Write, source: ExportSource, target: Path) -> float:
    with replacing_folder(target, FOLDER_FILES) as temporary:
        return write(source, temporary)
