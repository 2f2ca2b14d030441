"""Which cached features judge a trial: the validation split, or every fold of training and validation in turn."""

from decouple.datasets.data import TRAIN, VAL
from decouple.errors import ConfigError
from decouple.files.features import Features
from stage2.fit_result import FeatureSplits
from stage2.train_val_folds import split_folds


def judged_parts(splits: FeatureSplits, folds: int, seed: int) -> list[tuple[Features, Features]]:
    """Return what is fitted to and what judges it: once, or once for each fold of training and validation images.

    The folds are those of `decouple stage2 --folds` with the same seed. The only image of a class judges nothing.

    Raises:
        ConfigError: there is no validation split, and no folds.
        DataError: there are to be folds, and no class has two images.
    """
    if folds:
        return list(split_folds(splits, folds, seed))
    if VAL not in splits:
        raise ConfigError(
            "a trial is judged on a validation split and this run has none; train with --val-fraction above 0, "
            "or judge in folds: --folds 5"
        )
    return [(splits[TRAIN], splits[VAL])]


def split_of(splits: FeatureSplits, folds: int) -> str:
    """Return which images judge, as results.json names them."""
    names = [name for name in (TRAIN, VAL) if name in splits]
    return f"{folds} folds of {' and '.join(names)}" if folds else VAL


def in_words(splits: FeatureSplits, folds: int) -> str:
    """Return which images judge, as a sentence names them."""
    names = ["training", *(["validation"] if VAL in splits else [])]
    return f"in {folds} folds of {' and '.join(names)}, pooled" if folds else "on validation"
