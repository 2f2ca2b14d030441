"""A fast loop that does not learn is a failure, not a result."""


def require_learning(theirs: float, ours: float, chance: float) -> None:
    """Check accuracies in percent after equal training: of what plain code gains over chance, ours has half at least.

    After a few epochs two seeds of one program differ by points, so that no closer check would hold.

    Raises:
        RuntimeError: it has not.
    """
    if ours - chance < (theirs - chance) / 2:
        raise RuntimeError(f"plain code reaches {theirs:.1f} %, ours {ours:.1f} %, chance is {chance:.1f} %")
