"""A fast loop that does not learn is a failure, not a result."""

SLACK = 5.0  # points: after a few epochs two seeds of one program differ by as much


def require_learning(theirs: float, ours: float, chance: float) -> None:
    """Check accuracies in percent after equal training: of what plain code gains over chance, ours has half at least.

    Raises:
        RuntimeError: it has not, by more than the slack.
    """
    if ours - chance < (theirs - chance) / 2 - SLACK:
        raise RuntimeError(f"plain code reaches {theirs:.1f} %, ours {ours:.1f} %, chance is {chance:.1f} %")
