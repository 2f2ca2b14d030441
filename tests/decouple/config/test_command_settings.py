import pytest

from decouple.config.command_settings import (
    CompareConfig,
    DataCommandConfig,
    EvaluateConfig,
    MethodsConfig,
    QuickstartConfig,
    RunsConfig,
)
from decouple.errors import ConfigError


@pytest.mark.parametrize(
    ("settings_type", "values", "message"),
    [
        (
            EvaluateConfig,
            {"weights": "bets"},
            "weights must be one of None, last, best, shifted, got 'bets'.* Did you mean 'best'",
        ),
        (EvaluateConfig, {"split": "train"}, "split must be one of val, test, test_longtailed, got 'train'"),
        (EvaluateConfig, {"prior": "em"}, "prior=em is estimated where labels are not known"),
        (CompareConfig, {"run": "a"}, "run must be .*got 'a'"),
        (CompareConfig, {"method": ("all", "tau")}, "method=all stands for every method; leave the others out"),
        (RunsConfig, {"runs": 3}, "runs must be .*got 3"),
        (MethodsConfig, {"name": 3}, "name must be .*got 3"),
        (QuickstartConfig, {"seed": 1.5}, "seed must be a whole number, got 1.5"),
        (DataCommandConfig, {"figure": "no/such/folder/a.png"}, "figure must name a file in a folder that exists"),
        (DataCommandConfig, {"figure": "a.tiff"}, "figure must end in .png, .svg or .pdf, got 'a.tiff'"),
        (DataCommandConfig, {"all_classes": 1}, "all_classes must be True or False, got 1"),
    ],
)
def test_wrong_values_are_refused(settings_type: type[object], values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        settings_type(**values)
