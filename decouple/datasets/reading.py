"""Load a data set while a progress bar shows how much has been read."""

import contextlib
from pathlib import Path

from decouple.datasets.data import Data
from decouple.datasets.load import load_data
from decouple.datasets.settings import DataConfig
from decouple.progress import Progress


def load_with_progress(config: DataConfig, cache_folder: Path | None = None) -> Data:
    """Return `load_data(config, ..., cache_folder)`; the progress bar appears once images are read."""
    with contextlib.ExitStack() as stack:
        bar: Progress | None = None

        def show(done: int, total: int) -> None:
            nonlocal bar
            if bar is None:
                bar = stack.enter_context(Progress("reading images", total=total, unit="images"))
            bar.advance(done - bar.done)

        return load_data(config, show, cache_folder)
