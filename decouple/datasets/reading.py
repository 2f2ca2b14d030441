"""Load a data set while a progress bar shows how much has been read."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from decouple.datasets.data import Data
from decouple.datasets.image_files import FilePixels, ReportProgress
from decouple.datasets.image_survey import ImageSurvey, survey_images
from decouple.datasets.load import load_data
from decouple.datasets.settings import DataConfig
from decouple.progress import Progress


def load_with_progress(config: DataConfig, cache_folder: Path | None = None, *, decode: bool = True) -> Data:
    """Return `load_data(config, ..., cache_folder)`; the progress bar appears once images are read."""
    with _progress_bar("reading images") as show:
        return load_data(config, show, cache_folder, decode=decode)


def survey_with_progress(files: FilePixels) -> ImageSurvey:
    """Return `survey_images(files)` while a progress bar shows how many headers have been read."""
    with _progress_bar("looking at images") as show:
        return survey_images(files, show)


@contextlib.contextmanager
def _progress_bar(title: str) -> Iterator[ReportProgress]:
    """Yield a function that draws a progress bar, from its first call on."""
    with contextlib.ExitStack() as stack:
        bar: Progress | None = None

        def show(done: int, total: int) -> None:
            nonlocal bar
            if bar is None:
                bar = stack.enter_context(Progress(title, total=total, unit="images"))
            bar.advance(done - bar.done)

        yield show
