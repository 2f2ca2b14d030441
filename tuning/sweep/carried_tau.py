"""A tau that is chosen elsewhere than on the run it is applied to."""

from decouple.errors import ConfigError
from decouple.files.run_dir import RunDir
from stage1.settings import Stage1Config
from tuning.sweep.cells import TauSource


def carried_tau(run: RunDir, config: Stage1Config, source: TauSource) -> float:
    """Return the tau of a cell.

    Args:
        run: the run that it is applied to.
        config: settings of that run.
        source: the stage-two result in another run of the folder that holds it, or, without names, a companion run,
            trained on four fifths of the training images, on whose other fifth it is chosen.

    Raises:
        ConfigError: the source has none.
    """
    raise ConfigError(f"a sweep cannot carry a tau over yet ('tau_from' for {run.name}, {config.loss}: {source})")
