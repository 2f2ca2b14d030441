"""What `decouple sweep` can be told beside its file."""

from dataclasses import dataclass

from decouple.config.command_settings import DEFAULT_RUNS
from decouple.config.fields import option, positional
from decouple.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class SweepConfig:
    """Run a grid of data x stage one x stage two x seeds, each cell once, and write one table of the results."""

    file: str | None = positional(None, "YAML file of the grid, see docs/sweeps.md", metavar="FILE.yaml")
    runs: str = option(DEFAULT_RUNS, "folder that gets the folder of the sweep")
    workers: int | None = option(None, "processes at a time; default: what the file says, else 1")
    device: str = option("auto", "auto: every CUDA device in turn, else the CPU; cpu, cuda or cuda:N: that one for all")
    retry: bool = option(False, "run the cells that failed again; those that are done never are")

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise ConfigError(f"--workers must be 1 or more, got {self.workers}")
