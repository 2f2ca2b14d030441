from decouple.reporting.columns import ALL, BALANCED, ECE, MANY_MEDIUM_FEW, best_rows, interval_of, shown, value_of

ROW = {
    "top1": 50,
    "balanced": float("nan"),
    "ece": 3.25,
    "groups": {"many_medium_few": {"many": 70.5, "medium": None}},
    "intervals": {"top1": [48.0, 52.0], "many_medium_few": {"many": [69.0, 72.0], "medium": None}},
}


def test_values_are_found_by_their_keys() -> None:
    assert [value_of(ROW, column) for column in (ALL, BALANCED, ECE, *MANY_MEDIUM_FEW)] == [
        50.0,
        None,
        3.25,
        70.5,
        None,
        None,
    ]


def test_intervals_stand_beside_the_groups() -> None:
    assert interval_of(ROW, ALL) == (48.0, 52.0)
    assert interval_of(ROW, MANY_MEDIUM_FEW[0]) == (69.0, 72.0)
    assert interval_of(ROW, MANY_MEDIUM_FEW[1]) is None
    assert interval_of({}, ALL) is None


def test_best_is_the_highest_and_for_ece_the_lowest() -> None:
    assert best_rows([10.0, None, 30.0], ALL) == {2}
    assert best_rows([10.0, None, 30.0], ECE) == {0}


def test_values_that_look_equal_are_equally_good() -> None:
    assert shown(30.004) == shown(29.996) == "30.00"
    assert best_rows([30.004, 29.996, 29.99], ALL) == {0, 1}


def test_a_single_value_is_not_the_best_of_anything() -> None:
    assert best_rows([None, 10.0], ALL) == set()
