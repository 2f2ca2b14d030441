"""Methods by name, with the settings of the command."""

import dataclasses
import itertools

from decouple.errors import ConfigError
from decouple.files.json_records import parse_record
from decouple.files.run_dir import RunDir
from decouple.files.tensor_files import read_metadata
from decouple.files.weights_metadata import WeightsMetadata
from decouple.log import logger
from decouple.lookup import look_up
from stage2.method import Method
from stage2.methods import METHODS
from stage2.settings import Stage2Config, option_values


def make_method(name: str, config: Stage2Config) -> Method:
    """Return the method with its settings taken from the options of the same names, of several values the first.

    Raises:
        ConfigError: no such method; the message names the nearest one.
    """
    return make_candidates(name, config)[0]


def make_candidates(name: str, config: Stage2Config) -> list[Method]:
    """Return the method at every combination of the option values; an option without a value keeps its default.

    Raises:
        ConfigError: no such method; the message names the nearest one.
    """
    method = look_up(METHODS, name, "stage-2 method")
    values = {field.name: option_values(config, field.name) for field in dataclasses.fields(method)}
    values = {option: candidates for option, candidates in values.items() if candidates}
    combinations = itertools.product(*values.values())
    return [method(**dict(zip(values, combination, strict=True))) for combination in combinations]


def applicable_methods(run: RunDir, checkpoint: str, names: list[str]) -> list[str]:
    """Return the methods that can be fitted to a run: without a classifier of stage one, those that need none.

    Raises:
        ConfigError: none of `names` can.
    """
    if not stage1_was_fitted_here(run, checkpoint):
        return names
    applicable = [name for name in names if not METHODS[name].needs_classifier]
    left_out = ", ".join(name for name in names if METHODS[name].needs_classifier)
    reason = f"stage one's classifier, and {run.path} was made of features alone; give it with `features` and `weight`"
    if not applicable:
        raise ConfigError(f"{left_out} needs {reason}")
    if left_out:
        logger.info(f"left out: {left_out}: they need {reason}")
    return applicable


def stage1_was_fitted_here(run: RunDir, checkpoint: str) -> bool:
    """Return whether a run was made of features alone: its first classifier is then there for comparison alone."""
    path = run.weights(checkpoint)
    return parse_record(WeightsMetadata, read_metadata(path), path).fitted_here
