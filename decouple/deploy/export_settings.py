"""Options of `decouple export`."""

from dataclasses import dataclass
from typing import Literal

from decouple.checks import require_field_types
from decouple.config.command_settings import DEFAULT_RUNS
from decouple.config.fields import option, positional
from decouple.config.prior_option import require_prior
from decouple.config.weights_option import WEIGHTS_HELP, Weights

ExportFormat = Literal["onnx", "pt2", "timm"]


@dataclass(frozen=True, kw_only=True)
class ExportConfig:
    """Write a classifier of a run as one file: preprocessing, backbone, classifier, prior, temperature, class names."""

    run: str | None = positional(None, "run folder, or a name under --runs; default: the latest", metavar="RUN")
    runs: str = option(DEFAULT_RUNS, "folder that holds the runs")
    format: ExportFormat = option(
        "onnx", "onnx, pt2 (torch.export), or timm: a folder with a model card that timm.create_model loads"
    )
    out: str | None = option(
        None, "file or folder to write; default: in the folder export of the run", kind="a file or a folder"
    )
    method: str | None = option(
        None, "stage-two method whose saved classifier is exported; none: that of stage one; default: the recommended"
    )
    weights: Weights | None = option(None, f"{WEIGHTS_HELP}; default: those of the recommended method")
    prior: str | None = option(
        None,
        "class prior of the probabilities: train, uniform, or a table of class and share (.csv, .json, .yaml); "
        "default: the one that the classifier assumes",
    )
    license: str = option("unknown", "license of the exported file, for its metadata, such as apache-2.0")

    def __post_init__(self) -> None:
        require_field_types(self)
        if self.prior is not None:
            require_prior(self.prior)
