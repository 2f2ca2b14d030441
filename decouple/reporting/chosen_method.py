"""The one method that figures show beside stage one: the recommended one, else the best on validation."""

from decouple.files.results import MethodEntry, Results

STAGE_ONE = "stage one"
NO_METHOD = "none"  # the entry of stage two that repeats stage one's classifier


def chosen_classifier(results: Results, checkpoint: str) -> str:
    """Return the recommended classifier under a checkpoint, else the best of stage two; stage one where it has none."""
    recommended = results.recommended
    entries = results.stage2.get(checkpoint, {})
    if recommended is not None and recommended.checkpoint == checkpoint and recommended.method in (NO_METHOD, *entries):
        return STAGE_ONE if recommended.method == NO_METHOD else recommended.method
    return best_method(results, checkpoint) or STAGE_ONE


def best_method(results: Results, checkpoint: str) -> str | None:
    """Return the stage-two entry with the highest balanced accuracy on validation, of equal ones the first.

    Entries that were fitted to the validation split have no accuracy on it; the first entry serves where none has one.
    """
    entries = {name: entry for name, entry in results.stage2.get(checkpoint, {}).items() if entry.method != NO_METHOD}
    return max(entries, key=lambda name: _validation(entries[name]), default=None)


def compared_classifiers(results: Results, checkpoint: str) -> list[str]:
    """Return stage one, and the classifier to compare with it: the chosen one, or the best of stage two."""
    chosen = chosen_classifier(results, checkpoint)
    other = best_method(results, checkpoint) if chosen == STAGE_ONE else chosen
    return [STAGE_ONE] if other is None else [STAGE_ONE, other]


def _validation(entry: MethodEntry) -> float:
    return entry.metrics["val"]["balanced"] if "val" in entry.metrics else -1.0
