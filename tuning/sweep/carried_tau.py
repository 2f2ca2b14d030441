"""A tau that is chosen elsewhere than on the run it is applied to."""

import dataclasses
from pathlib import Path

from decouple.config.settings_yaml import from_yaml
from decouple.files.run_dir import RunDir
from stage1.settings import Stage1Config
from tuning.companion_run import has_validation
from tuning.held_out_tau import SHARE, ChosenTau, held_out_tau, own_tau, tau_of
from tuning.sweep.cells import SweepCell
from tuning.sweep.pool import pooled_entry_name, pooled_run_name, run_lock


def carried_tau(run: RunDir, config: Stage1Config, cell: SweepCell) -> ChosenTau:
    """Return the tau of a cell, and where it was chosen.

    It is that of the stage-two result that the source names, in another run of the same folder. Without names it is
    chosen on a fifth of the training images, held out from a companion run with the settings of this one, those of a
    search included; all cells and sweeps of the folder share the companion. A run that has validation images needs no
    companion: tau is chosen on them.

    Args:
        run: the run that the tau is applied to.
        config: settings of that run as the sweep has them: device, and where the images are.
        cell: with a source of tau.

    Raises:
        ConfigError: the source has no tau.
        DecoupleError: the training of the companion fails.
    """
    source = cell.tau_from
    assert source is not None
    if source.run is not None and source.entry is not None:
        origin = RunDir(run.path.parent / source.run)
        chosen = origin.read_stage2(source.weights)[source.entry].selection.by
        where = f"as for {source.run}" + ("" if chosen in (None, "the user") else f": {chosen}")
        return ChosenTau(tau_of(origin, source.weights, source.entry), where)
    entry_name = pooled_entry_name(cell.settings, None)
    if has_validation(run):
        return own_tau(run, cell.settings, entry_name)
    settings = dataclasses.replace(
        from_yaml(Stage1Config, run.config),
        device=config.device,
        root=config.root,
        runs=config.runs,
        val_fraction=SHARE,
    )
    companion = dataclasses.replace(settings, name=pooled_run_name(settings, None))
    with run_lock(Path(config.runs) / str(companion.name)):
        return held_out_tau(companion, cell.settings, entry_name)
