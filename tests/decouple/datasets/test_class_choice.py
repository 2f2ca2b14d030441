import numpy as np
import pytest

from decouple.datasets.class_choice import choose_classes
from decouple.datasets.load import load_data
from decouple.datasets.settings import DataConfig
from decouple.datasets.table import DATASETS
from decouple.errors import DataError


def test_chosen_classes_are_numbered_as_named_and_have_the_counts_of_their_places():
    data = load_data(DataConfig(classes_only=("7", "0", "3"), counts=(40, 20, 10)))
    assert data.class_names == ("7", "0", "3")
    assert data.class_counts.tolist() == [40, 20, 10]
    assert data.counts("test").tolist() == [40, 40, 40]
    source = DATASETS["digits"](DataConfig())
    # The positions are those in the whole data set, where the digit itself is the label.
    assert data.sources is not None
    train = data.splits["train"]
    assert np.array_equal(source.labels[data.sources[train]], np.array([7, 0, 3])[data.labels[train]])
    assert np.array_equal(source.pixels.read(data.sources[train]), data.pixels.read(train))


def test_a_profile_follows_the_order_of_the_names():
    data = load_data(DataConfig(classes_only=("9", "8"), ratio=10, max_count=100))
    assert data.class_counts.tolist() == [100, 10]


def test_an_unknown_class_is_refused_with_the_nearest_name():
    with pytest.raises(DataError, match=r"no class 'U\+0041'. Did you mean 'A U\+0041'\? classes_only"):
        choose_classes(DATASETS["glyphs"](DataConfig(data="glyphs", classes=11)), ("U+0041", "0 U+0030"))
