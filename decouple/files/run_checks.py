"""What a run must have before it is used."""

from decouple.errors import RunError
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FAILED, FINISHED, hash_settings
from decouple.files.stored_metrics import num_stored_classes


def require_finished(run: RunDir) -> RunDir:
    """Return `run`, which must hold a finished stage one.

    Raises:
        RunError: stage one is missing, unfinished or damaged, or its settings were edited.
    """
    status = run.read_manifest().status
    if status == FAILED:
        raise RunError(
            f"the run {run.path} ended with a loss or weights that are not finite numbers; "
            "train again with a lower `lr`, or name another run with `run`"
        )
    if status != FINISHED:
        raise RunError(
            f"the run {run.path} has no finished stage one; continue it with "
            f"decouple stage1 `resume=True` `runs={run.path.parent}` `name={run.name}`"
        )
    require_unedited(run)
    require_complete(run)
    return run


def settings_are_edited(run: RunDir) -> bool:
    """Return whether config.yaml is another than when the run began."""
    recorded = run.read_manifest().settings_hash
    return recorded is not None and recorded != hash_settings(run.config)


def require_unedited(run: RunDir) -> None:
    """Check that the settings of a run are those that it was made with.

    Raises:
        RunError: config.yaml was edited, or is missing.
    """
    if settings_are_edited(run):
        raise RunError(
            f"{run.config} is missing or was edited after the run began, so it no longer says how the run was made; "
            "restore it, and start a new run for other settings"
        )


def require_complete(run: RunDir) -> None:
    """Check that a finished run has its weights, and results that belong to its data.

    Raises:
        RunError: a file is missing, or holds something else.
    """
    for path in (run.weights("last"), run.results):
        if not path.exists():
            raise RunError(f"{path} is missing; the run folder is not complete: restore the file, or train again")
    results = run.read_results()
    if "last" not in results.stage1:
        raise RunError(f"{run.results} is damaged: it holds no metrics of stage one; restore it, or train again")
    num_classes = len(run.read_data().class_names)
    metrics = [entry.metrics for entry in results.stage1.values()]
    metrics += [entry.metrics for entries in results.stage2.values() for entry in entries.values()]
    for by_split in metrics:
        if num_stored_classes(by_split) != {num_classes}:
            raise RunError(
                f"{run.results} does not belong to {run.data}, which has {num_classes} classes; restore both, "
                "or train again"
            )
