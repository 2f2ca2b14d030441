"""Which settings class holds the options of each function of `decouple.api`."""

from typing import Any, NamedTuple

from decouple.config.command_settings import CompareConfig, EvaluateConfig
from decouple.config.predict_settings import EmbedConfig, PredictConfig
from decouple.deploy.export_settings import ExportConfig
from decouple.fitting.settings import FitConfig
from decouple.pages.settings import ReportConfig
from stage1.settings import Stage1Config
from stage2.settings import Stage2Config
from tuning.settings import JointConfig, Stage2SearchConfig, TauConfig, WeightDecayConfig


class OptionTable(NamedTuple):
    """The options of a function."""

    name: str  # of the TypedDict
    function: str
    settings: type[Any]
    own: tuple[str, ...]  # fields that the function sets by itself


FUNCTIONS = (
    OptionTable("Stage1Options", "stage1", Stage1Config, ("data", "resume", "seeds")),
    OptionTable("Stage2Options", "stage2", Stage2Config, ("run", "method", "seeds", "features")),
    OptionTable("WeightDecayOptions", "tune", WeightDecayConfig, ("run",)),
    OptionTable("JointOptions", "tune", JointConfig, ("run",)),
    OptionTable("TauOptions", "tune", TauConfig, ("run", "seeds")),
    OptionTable("Stage2SearchOptions", "tune", Stage2SearchConfig, ("run", "seeds")),
    OptionTable("CompareOptions", "compare", CompareConfig, ("run", "out")),
    OptionTable("EvaluateOptions", "evaluate", EvaluateConfig, ("run", "runs")),
    OptionTable("FitOptions", "fit", FitConfig, ("images", "resume")),
    OptionTable("PredictOptions", "predict", PredictConfig, ("images", "run", "runs", "out", "sheet")),
    OptionTable("EmbedOptions", "embed", EmbedConfig, ("images", "run", "runs", "out", "labels")),
    OptionTable("ExportOptions", "export", ExportConfig, ("run", "runs")),
    OptionTable("ReportOptions", "report", ReportConfig, ("run", "runs")),
)
