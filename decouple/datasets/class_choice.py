"""Some of the classes of a data set, in an order of the user's: `--classes-only`."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from decouple.datasets.data import SourceImages
from decouple.errors import DataError
from decouple.nearest_name import did_you_mean


def choose_classes(source: SourceImages, names: Sequence[str]) -> SourceImages:
    """Return the images of the named classes, numbered in that order; images keep their positions in the source.

    Raises:
        DataError: the data set has no class of that name.

    Example:
        >>> from decouple.datasets.digits import load
        >>> from decouple.datasets.settings import DataConfig
        >>> source = choose_classes(load(DataConfig()), ["7", "1"])
        >>> source.class_names, np.bincount(source.labels[source.splits["test"]]).tolist()
        (('7', '1'), [40, 40])
    """
    label_of = {name: label for label, name in enumerate(source.class_names)}
    for name in names:
        if name not in label_of:
            raise DataError(
                f"the data set has no class '{name}'.{did_you_mean(name, label_of)} `classes_only` takes names of "
                f"its {len(label_of):,} classes"
            )
    renumbered = np.full(len(source.class_names), -1, np.int64)
    renumbered[[label_of[name] for name in names]] = np.arange(len(names))
    labels = renumbered[source.labels]
    splits = {split: indices[labels[indices] >= 0] for split, indices in source.splits.items()}
    return replace(source, labels=labels, class_names=tuple(names), splits=splits)
