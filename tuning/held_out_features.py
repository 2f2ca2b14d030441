"""The cached features that trials are evaluated on: the validation split, or each fold of training and validation."""

from decouple.datasets.data import TRAIN, VAL
from decouple.errors import ConfigError
from decouple.files.features import Features
from stage2.fit_result import FeatureSplits
from stage2.train_val_folds import split_folds


def train_and_held_out(splits: FeatureSplits, folds: int, seed: int) -> list[tuple[Features, Features]]:
    """Return (features to fit to, held-out features): once, or for each fold of training and validation images.

    The folds are those of `decouple stage2 --folds` with the same seed. The only image of a class is never held out.

    Raises:
        ConfigError: there is no validation split, and no folds.
        DataError: there are folds, and no class has two images.
    """
    if folds:
        return list(split_folds(splits, folds, seed))
    if VAL not in splits:
        raise ConfigError(
            "a trial is evaluated on a validation split and this run has none; train with `val_fraction` above 0, "
            "or evaluate in folds: `folds=5`"
        )
    return [(splits[TRAIN], splits[VAL])]


def held_out_name(splits: FeatureSplits, folds: int) -> str:
    """Return which images are held out, as results.json names them."""
    names = [name for name in (TRAIN, VAL) if name in splits]
    return f"{folds} folds of {' and '.join(names)}" if folds else VAL


def held_out_phrase(splits: FeatureSplits, folds: int) -> str:
    """Return which images are held out, as a sentence names them."""
    names = ["training", *(["validation"] if VAL in splits else [])]
    return f"in {folds} folds of {' and '.join(names)}, pooled" if folds else "on validation"
