"""The companion of a run: the same training without a share of the training images, on which tau is chosen."""

import dataclasses

from decouple.config.settings_yaml import from_yaml
from decouple.datasets.data import VAL
from decouple.errors import ConfigError
from decouple.evaluation.selection_metrics import describe_selection_metric
from decouple.files.run_dir import RunDir
from stage1.settings import Stage1Config
from tuning.settings import TauConfig


def has_validation(run: RunDir) -> bool:
    """Return whether a run has validation images, so that it needs no companion."""
    return VAL in run.read_data().images


def companion_settings(run: RunDir, config: TauConfig) -> Stage1Config:
    """Return the settings of the companion, which lies beside the run as ``<run>-held-out<percent>``.

    Raises:
        ConfigError: the run has validation images, so that it needs no companion.
    """
    if has_validation(run):
        raise ConfigError(
            f"{run.name} has a validation split, which it was not trained on: tau is chosen there; leave out `holdout`"
        )
    settings = from_yaml(Stage1Config, run.config)
    return dataclasses.replace(
        settings,
        val_fraction=config.holdout,
        name=f"{run.name}-held-out{100 * config.holdout:g}",
        runs=str(run.path.parent),
        root=config.root or settings.root,
        device=config.device,
    )


def held_out_source(selection_metric: str, companion: RunDir, share: float) -> str:
    """Return in words where a tau of a companion was chosen."""
    return (
        f"{describe_selection_metric(selection_metric)} on {100 * share:g} % of the training images, held out from "
        f"{companion.name}, which is trained on the others with the same settings"
    )
