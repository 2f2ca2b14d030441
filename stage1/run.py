"""Start, resume and open a run of stage one."""

import dataclasses
from pathlib import Path

from decouple.config.settings_yaml import from_yaml
from decouple.datasets.data import Data
from decouple.device import restored_threads
from decouple.errors import ConfigError, RunError
from decouple.files.new_run import create_run
from decouple.files.run_checks import require_unedited
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run, list_runs
from decouple.files.run_manifest import FAILED, FINISHED
from decouple.log import logger
from stage1.checkpoint import load_checkpoint, load_weights
from stage1.normalization import Normalization
from stage1.prepare import load_for, make_training
from stage1.run_description import describe_run
from stage1.settings import Stage1Config
from stage1.train_run import train_run
from stage1.trained_part import require_trained_part
from stage1.trainer import Training

OVERRIDABLE = frozenset({"device", "root", "no_image_cache", "resident", "log"})  # a resumed run takes their new values
NOT_SETTINGS = OVERRIDABLE | {"resume", "seeds", "runs", "name"}  # may differ when a run is resumed


@restored_threads()
def start_run(config: Stage1Config, tuned_from: str | None = None) -> RunDir:
    """Train from the beginning in a new run folder.

    Args:
        config: settings.
        tuned_from: the run whose settings a search has tuned for this one.

    Raises:
        DecoupleError: settings or data are wrong; then there is no folder.
        InterruptedRunError: Ctrl-C came; the state is saved.
    """
    require_trained_part(config)
    training = make_training(config, load_for(config))
    run = create_run(
        Path(config.runs),
        config.name,
        run_stem(config),
        lambda draft: describe_run(draft, training),
        tuned_from=tuned_from,
    )
    with run.lock():
        train_run(run, training)
    return run


@restored_threads()
def resume_run(config: Stage1Config, explicit: frozenset[str]) -> RunDir:
    """Continue an interrupted run: `config.name`, or the latest that is not finished.

    Args:
        config: name and folder of the run, and the settings below.
        explicit: names of the settings that the user gave; those in `OVERRIDABLE` replace the run's.

    Raises:
        ConfigError: another explicit setting differs from the run's.
        RunError: there is nothing to continue.
    """
    run = _unfinished(config)
    require_unedited(run)
    stored = from_yaml(Stage1Config, run.config)
    for name in sorted(explicit - NOT_SETTINGS):
        before, now = stored.resolved(name), config.resolved(name)
        if before != now:
            raise ConfigError(
                f"`resume` goes on with the settings of {run.path}: {name} is {before} there, {now} was given; "
                "leave it out, or start a new run"
            )
    overrides = {name: getattr(config, name) for name in OVERRIDABLE & explicit}
    stored = dataclasses.replace(stored, **overrides, runs=str(run.path.parent))
    with run.lock():
        if run.read_manifest().status == FINISHED:
            logger.info(f"{run.path} is finished already: there is nothing to resume")
            return run
        saved = run.checkpoint.exists()
        if saved:  # its weights replace the pretrained ones, whose file may no longer exist
            stored = stored.without_pretrained()
        record = run.read_data()
        training = make_training(stored, load_for(stored), Normalization(record.mean, record.std))
        if saved:
            if stored.train == "none":  # the checkpoint holds the classifier alone
                load_weights(run.weights("last"), training.network)
            load_checkpoint(run.checkpoint, training)
        train_run(run, training)
    return run


def require_same_data(run: RunDir, data: Data) -> None:
    """Check that these are the images that the run was trained on.

    Raises:
        RunError: they are not.
    """
    if run.read_data().fingerprint != data.fingerprint:
        raise RunError(f"the images are not those that {run.path} was trained on; restore them, or train again")


def open_training(run: RunDir, root: str | None = None, device: str | None = None) -> Training:
    """Return a run's settings, data and untrained network; `root` is the present folder of the images.

    Raises:
        DataError: the images cannot be read.
        RunError: they are not those of the run.
    """
    config = from_yaml(Stage1Config, run.config)
    config = dataclasses.replace(
        config.without_pretrained(),
        root=root or config.root,
        device=device or config.device,
        runs=str(run.path.parent),  # not that of the settings: the run may have been moved
    )
    data, record = load_for(config), run.read_data()
    require_same_data(run, data)
    return make_training(config, data, Normalization(record.mean, record.std))


def _unfinished(config: Stage1Config) -> RunDir:
    unfinished = [run for run in list_runs(Path(config.runs)) if run.read_manifest().status not in (FINISHED, FAILED)]
    run = unfinished[-1] if unfinished and config.name is None else find_run(config.name, config.runs)
    if run.read_manifest().status == FAILED:
        raise RunError(
            f"{run.path} ended with a loss or weights that are not finite numbers; start a new run with a lower `lr`"
        )
    return run


def run_stem(config: Stage1Config) -> str:
    """Return the default name of a run, without its number."""
    ratio = "" if config.ratio is None else f"{config.ratio:g}"
    profile = "exp" if config.profile == "auto" else config.profile
    cut = "" if config.ratio is None and config.profile == "auto" else f"-{profile}{ratio}"
    return f"{config.data}{cut}-{config.model}-{config.loss}".replace("/", "_")
