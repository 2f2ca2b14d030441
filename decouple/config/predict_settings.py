"""Options of the commands that apply a run to new images."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from decouple.checks import require_choice, require_field_types, require_number
from decouple.config.command_settings import DEFAULT_RUNS
from decouple.config.fields import option, positional
from decouple.config.prior_option import require_prior
from decouple.config.weights_option import WEIGHTS, WEIGHTS_HELP, Weights
from decouple.errors import ConfigError

STDIN = STDOUT = "-"

_IMAGES = (
    "a run (folder, or name under --runs; default: the latest), then images: files, folders with all below, patterns "
    "such as 'new/*.jpg', or - for a list on stdin"
)
_METAVAR = "[RUN] IMAGES..."


@dataclass(frozen=True, kw_only=True)
class PredictConfig:
    """Predict the classes of new images with a trained run."""

    images: tuple[str, ...] = positional((), _IMAGES, metavar=_METAVAR)
    run: str | None = option(None, "run folder, or name under --runs; all words are then images")
    runs: str = option(DEFAULT_RUNS, "folder that holds the runs", kind="a folder")
    out: str = option("predictions.csv", "CSV or Parquet file of the predictions, by its ending; -: CSV on stdout")
    method: str | None = option(
        None, "stage-two method whose classifier is used; none: that of stage one; default: the recommended one"
    )
    weights: Weights | None = option(None, f"{WEIGHTS_HELP}; default: those of the recommended classifier")
    prior: str | None = option(
        None,
        "how often the classes occur where the images come from: train (as in training), uniform (all alike), em "
        "(estimated from these images), or a CSV, JSON or YAML file of class and share; default: what the classifier "
        "assumes, so that it predicts as it was evaluated",
    )
    sets: float | None = option(
        None, "share of images whose prediction set is to hold the true class, between 0 and 1; default: no sets"
    )
    set_score: Literal["probability", "pas"] = option(
        "probability", "what prediction sets go by: probability (small sets), or pas (covers rare classes as well)"
    )
    abstain: float = option(0.0, "leave the class empty below this probability, 0 to 1")
    sheet: str | None = option(None, "PNG of the images with their classes, at most 96 of them", kind="a file")
    device: str = option("auto", "auto, cpu, cuda or cuda:N")
    precision: Literal["auto", "fp32", "bf16"] = option("auto", "of the backbone; auto: bf16 where the hardware has it")

    def __post_init__(self) -> None:
        require_field_types(self)
        require_choice("weights", self.weights, (None, *WEIGHTS))
        if self.out != STDOUT:
            require_table_file("out", self.out, (".csv", ".parquet"), alternative=", or be - for stdout")
        if self.prior is not None:
            require_prior(self.prior)
        if self.sets is not None:
            require_number("sets", self.sets, above=0, below=1, usual="0.9 is usual")
        require_number("abstain", self.abstain, at_least=0, at_most=1)
        if self.sheet is not None:
            require_table_file("sheet", self.sheet, (".png",))


@dataclass(frozen=True, kw_only=True)
class EmbedConfig:
    """Write the features of images under the backbone of a trained run."""

    images: tuple[str, ...] = positional((), _IMAGES, metavar=_METAVAR)
    run: str | None = option(None, "run folder, or name under --runs; all words are then images")
    runs: str = option(DEFAULT_RUNS, "folder that holds the runs", kind="a folder")
    out: str = option("features.npz", "npz, safetensors or Parquet file of the features, by its ending", kind="a file")
    labels: Literal["none", "folders"] = option(
        "none", "folders: store the name of each image's folder as its label, for stage2 --features"
    )
    weights: Weights = option("last", WEIGHTS_HELP)
    device: str = option("auto", "auto, cpu, cuda or cuda:N")
    precision: Literal["auto", "fp32", "bf16"] = option("auto", "of the backbone; auto: bf16 where the hardware has it")

    def __post_init__(self) -> None:
        require_field_types(self)
        require_table_file("out", self.out, (".npz", ".safetensors", ".parquet"))


def require_table_file(name: str, file: str, endings: tuple[str, ...], *, alternative: str = "") -> None:
    """Check that an option names a file that can be written.

    Raises:
        ConfigError: the ending is another, the folder does not exist, or pyarrow is needed and not installed.
    """
    path = Path(file)
    if path.suffix.lower() not in endings:
        raise ConfigError(f"`{name}` must end in {' or '.join(endings)}{alternative}, got '{file}'")
    if path.is_dir() or not path.parent.is_dir():
        raise ConfigError(f"`{name}` must name a file in a folder that exists, got '{file}'")
    if path.suffix.lower() == ".parquet" and find_spec("pyarrow") is None:
        raise ConfigError(
            "writing Parquet needs the package pyarrow: pip install 'decouple-lt[parquet]', or write "
            f"{endings[0]} with `{name}={path.with_suffix(endings[0])}`"
        )
