"""Options of `decouple sweep` beside its file."""

from dataclasses import dataclass
from typing import Literal

from decouple.checks import require_flag, require_whole
from decouple.config.command_settings import DEFAULT_RUNS
from decouple.config.fields import option, positional


@dataclass(frozen=True, kw_only=True)
class SweepConfig:
    """Run a grid of data x stage one x stage two x seeds, each cell once, and write one table of the results."""

    file: str | None = positional(None, "YAML file of the grid, see docs/sweeps.md", metavar="FILE.yaml")
    runs: str = option(DEFAULT_RUNS, "folder in which the folder of the sweep is made", kind="a folder")
    profile_run: Literal["smoke", "cpu", "full"] = option(
        "full",
        "smoke: two epochs on a few bundled images, to try the file in seconds; cpu: a small network and few epochs; "
        "full: the file as it stands",
    )
    workers: int | None = option(None, "processes at a time; default: what the file says, else 1")
    device: str = option("auto", "auto, cpu, cuda or cuda:N; auto and cuda: all GPUs in turn")
    retry: bool = option(False, "run the cells that failed again; those that are done never are")

    def __post_init__(self) -> None:
        if self.workers is not None:
            require_whole("workers", self.workers, at_least=1)
        require_flag("retry", self.retry)
