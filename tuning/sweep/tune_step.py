"""The step `tune` of a sweep: search a value, then train with the best on all training images."""

from decouple.errors import ConfigError
from decouple.files.run_dir import RunDir
from stage1.settings import Stage1Config
from tuning.sweep.tune_settings import TuneStep


def tuned_run(config: Stage1Config, step: TuneStep) -> RunDir:
    """Return the finished run called `config.name`, trained with the best value of the search.

    Raises:
        ConfigError: the search cannot be done in a sweep.
    """
    raise ConfigError(f"a sweep cannot search yet ('tune: {{search: {step.search}}}' for {config.name})")
