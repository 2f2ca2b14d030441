"""A run of stage one by name, trained once: begun, continued, or returned as it is."""

import dataclasses
from pathlib import Path

from decouple.config.settings_yaml import from_yaml
from decouple.errors import ConfigError
from decouple.files.run_checks import require_unedited
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import open_run
from decouple.files.run_manifest import FINISHED
from stage1.run import NOT_SETTINGS, resume_run, start_run
from stage1.settings import Stage1Config


def complete_run(config: Stage1Config, tuned_from: str | None = None) -> RunDir:
    """Return the finished run called `config.name`: train it, or the rest of it, or nothing.

    Args:
        config: settings.
        tuned_from: the run whose settings a search has tuned for this one.

    Raises:
        ConfigError: there is a run of that name with other settings.
        DecoupleError: see `start_run` and `resume_run`.
        InterruptedRunError: Ctrl-C came; the state is saved.
    """
    path = Path(config.runs) / str(config.name)
    if not path.exists():
        return start_run(config, tuned_from)
    run = open_run(path)
    require_unedited(run)
    _require_same_settings(run, config)
    if run.read_manifest().status == FINISHED:
        return run
    return resume_run(dataclasses.replace(config, resume=True), frozenset({"device", "root"}))


def _require_same_settings(run: RunDir, config: Stage1Config) -> None:
    stored = from_yaml(Stage1Config, run.config)
    for field in dataclasses.fields(config):
        before, now = stored.resolved(field.name), config.resolved(field.name)
        if before != now and field.name not in NOT_SETTINGS:
            raise ConfigError(
                f"the run {run.path} was made with {field.name} {before}, {now} was given; choose another `name`"
            )
