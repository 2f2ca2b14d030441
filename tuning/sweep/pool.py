"""Runs that several sweeps share: named after their settings, and locked while one of the sweeps works on them."""

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock

from decouple.datasets.settings import FILES
from decouple.files.replicates import replicate_name
from stage1.settings import Stage1Config
from stage2.settings import Stage2Config
from tuning.sweep.cells import TauSource
from tuning.sweep.tune_settings import TuneStep

_DIGITS = 8  # of a digest
_NO_SETTINGS = frozenset(
    {"runs", "run", "name", "device", "resume", "seeds", "seed", "resident", "no_image_cache", "log"}
)


def settings_text(settings: Any) -> str:
    """Return the settings that affect a result and are not at their defaults, in one line.

    Settings that are added to the program later, at defaults that change nothing, leave it as it is.
    """
    values = {
        field.name: getattr(settings, field.name)
        for field in dataclasses.fields(settings)
        if field.name not in _NO_SETTINGS and getattr(settings, field.name) != _default(field)
    }
    if "root" in values and values.get("data") not in FILES:
        del values["root"]  # the same images wherever they lie
    return json.dumps(values, sort_keys=True, default=str)


def pooled_run_name(config: Stage1Config, tune: TuneStep | None) -> str:
    """Return the name of a run in a pool: data, profile and ratio, loss, a digest of all settings, and the seed."""
    digest = digest_of(settings_text(config), "" if tune is None else settings_text(tune))
    profile = "exp" if config.profile == "auto" else config.profile
    cut = "" if config.profile == "auto" and config.ratio is None else f"-{profile}"
    ratio = "" if config.ratio is None else f"{config.ratio:g}"
    return replicate_name(f"{config.data}{cut}{ratio}-{config.loss}-{digest}", config.seed)


def pooled_entry_name(settings: Stage2Config, tau_from: TauSource | None) -> str:
    """Return the name of a stage-two result in a run of a pool: the method, and a digest of all settings."""
    return f"{settings.method}-{digest_of(settings_text(settings), repr(tau_from))}"


def digest_of(*texts: str) -> str:
    """Return the first eight hexadecimal digits of a hash of texts."""
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=8).hexdigest()[:_DIGITS]


@contextlib.contextmanager
def run_lock(run: Path) -> Iterator[None]:
    """Hold a run of a pool for training and stage two; wait while another sweep does."""
    folder = run.parent / ".locks"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f"{run.name}.lock"):  # released when the process that holds it is killed
        yield


def _default(field: "dataclasses.Field[Any]") -> object:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
