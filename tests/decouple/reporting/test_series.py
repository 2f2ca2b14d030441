import math

import numpy as np
import pytest

from decouple.errors import DataError
from decouple.reporting.series import check_lengths, with_gaps


def test_what_is_not_a_number_becomes_a_gap() -> None:
    np.testing.assert_array_equal(with_gaps([1, None, math.inf, math.nan, 2.5]), [1, np.nan, np.nan, np.nan, 2.5])
    assert with_gaps([]).shape == (0,)


def test_a_list_of_another_length_is_named() -> None:
    with pytest.raises(DataError, match=r"'val' has 1 values for 2 classes"):
        check_lengths({"train": [1, 2], "val": [1]}, 2, "classes")
