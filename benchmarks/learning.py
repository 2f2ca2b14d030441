"""A check that a fast loop learns: without it a benchmark fails."""

SLACK = 5.0  # points: after a few epochs two seeds of one program differ by as much


def require_learning(theirs: float, ours: float, chance: float) -> None:
    """Check accuracies in percent after equal training: ours gains at least half of what plain code gains over chance.

    Raises:
        RuntimeError: it gains less, by more than the slack.
    """
    if ours - chance < (theirs - chance) / 2 - SLACK:
        raise RuntimeError(f"plain code reaches {theirs:.1f} %, ours {ours:.1f} %, chance is {chance:.1f} %")
