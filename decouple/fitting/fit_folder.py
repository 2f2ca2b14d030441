"""The folder of a fit: its name, its settings, and finding it again."""

import contextlib
import dataclasses
import itertools
import re
from pathlib import Path

from decouple.config.settings_yaml import from_yaml, to_yaml
from decouple.errors import RunError
from decouple.files.atomic import write_text
from decouple.files.fit_record import FIT_FILE, FitRecord, is_fit, list_fits, read_fit, write_fit
from decouple.fitting.plan import FitPlan
from decouple.fitting.settings import FitConfig, require_image_source
from decouple.fitting.steps import step_name

SETTINGS_FILE = "config.yaml"


def begin_fit(folder: Path, config: FitConfig, plan: FitPlan) -> None:
    """Make the folder of a fit, with its settings."""
    folder.mkdir(parents=True)
    runs = tuple(step_name(folder.name, part) for part in plan.steps)
    write_text(folder / SETTINGS_FILE, to_yaml(config))
    write_fit(folder, FitRecord(images=config.images or str(config.train_list), runs=runs))


def remove_if_empty(folder: Path) -> None:
    """Remove the folder of a fit none of whose runs exists, and the folder of the runs if it has nothing else."""
    if any((folder.parent / name).exists() for name in read_fit(folder).runs):
        return
    for name in (FIT_FILE, SETTINGS_FILE):
        (folder / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # something else lies there
        folder.rmdir()
        folder.parent.rmdir()


def resolved(config: FitConfig, plan: FitPlan) -> FitConfig:
    """Return the settings with the choices of the plan, so that a resumed fit makes the same ones."""
    return dataclasses.replace(
        config,
        model=plan.model,
        pretrained=plan.pretrained or "none",
        image_size=plan.image_size,
        train=plan.train,
        epochs=plan.epochs,
    )


def new_folder(config: FitConfig) -> Path:
    """Return the folder of a new fit.

    Raises:
        ConfigError: there are no images.
        RunError: the name is taken, or is no plain folder name.
    """
    require_image_source(config)
    if config.name is not None:
        if not config.name or Path(config.name).name != config.name or config.name.startswith("."):
            raise RunError(f"`name` must be a plain folder name, got '{config.name}'; choose its folder with `runs`")
        folder = Path(config.runs, config.name)
        if folder.exists():
            or_resume = ", or add `resume=True`" if is_fit(folder) else ""
            raise RunError(f"{folder} exists already; choose another `name`{or_resume}")
        return folder
    stem = _stem(Path(config.images or str(config.train_list)))
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    return next(folder for name in names if not (folder := Path(config.runs, name)).exists())


def _stem(images: Path) -> str:
    """Return the name of a fit: that of the images, in letters, digits, dots and hyphens.

    Example:
        >>> _stem(Path("data/My moths")), _stem(Path("lists/moths.csv"))
        ('My-moths', 'moths')
    """
    name = images.absolute().name if images.is_dir() or not images.suffix else images.stem
    return re.sub(r"[^\w.-]+", "-", name).strip(".-") or "fit"


def unfinished_fit(config: FitConfig) -> tuple[Path, FitConfig]:
    """Return the folder of the fit to continue, and its settings.

    Raises:
        RunError: there is none.
    """
    fits = list_fits(Path(config.runs))
    if config.name is None:
        unfinished = [folder for folder in fits if read_fit(folder).recommended is None]
        if not unfinished:
            raise RunError(f"there is no unfinished fit in {config.runs}; leave `resume` out to begin one")
        folder = max(unfinished, key=lambda path: (path / SETTINGS_FILE).stat().st_mtime)
    else:
        folder = Path(config.runs, config.name)
        if folder not in fits:
            raise RunError(f"there is no fit {folder} to continue; leave `resume` out to begin one")
    stored = from_yaml(FitConfig, folder / SETTINGS_FILE)
    return folder, dataclasses.replace(stored, runs=config.runs, device=config.device)
