"""Empty run folders."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from decouple.files.new_run import create_run
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import write_manifest

MakeRun = Callable[..., RunDir]


def write_nothing(_draft: RunDir) -> None:
    """Fill a run folder with nothing."""


@pytest.fixture
def make_run() -> MakeRun:
    """Return a function that makes a run without files."""

    def make(root: Path, name: str | None = None, created: str | None = None) -> RunDir:
        run = create_run(root, name, "digits", write_nothing)
        if created is not None:
            write_manifest(run.manifest, dataclasses.replace(run.read_manifest(), created=created))
        return run

    return make
