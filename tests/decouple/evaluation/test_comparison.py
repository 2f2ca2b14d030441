import numpy as np
import pytest

from decouple.evaluation.comparison import Candidate, mean_differences, metric_cells, paired_seeds, pairs


def _row(top1: float, low: float, high: float, few: float | None = None) -> dict[str, object]:
    return {
        "top1": top1,
        "balanced": top1,
        "groups": {"many_medium_few": {"many": None, "medium": None, "few": few}},
        "intervals": {"top1": [low, high], "balanced": [low, high], "many_medium_few": {"few": None}},
    }


def _right(*words: str) -> tuple[np.ndarray, ...]:
    return tuple(np.array([letter == "1" for letter in word]) for word in words)


def test_a_cell_is_mean_deviation_and_mean_bounds() -> None:
    # 60 and 64: mean 62, deviations 2 and 2, so sqrt(8 / 1) = 2.83; bounds (50 + 56) / 2 and (70 + 74) / 2.
    candidate = Candidate("crt", (0, 1), _right("10", "11"), (_row(60, 50, 70), _row(64, 56, 74)))
    result = {cell["figure"]: cell for cell in metric_cells([candidate])}
    assert result["all"] == {
        "classifier": "crt", "seeds": 2, "figure": "all", "value": 62.0, "std": pytest.approx(8**0.5), "low": 53.0,
        "high": 72.0,
    }  # fmt: skip
    assert result["few"]["value"] is None
    assert list(result) == ["all", "balanced", "many", "medium", "few"]


def test_pairs_by_hand() -> None:
    # Five images, classes 0 0 0 0 1. A - B: A alone right on images 0 to 2, B alone on image 4: top-1 (3 - 1) / 5 = 40,
    # balanced (3/4 - 1) / 2 = -12.5; McNemar 3 against 1: 2 * (1 + 4) / 16 = 0.625. A - C: no image apart: p 1.
    a, b, c = (
        Candidate(name, (0,), _right(word), (_row(0, 0, 0),))
        for name, word in (("a", "11100"), ("b", "00001"), ("c", "11100"))
    )
    rows = pairs([a, b, c], np.array([0, 0, 0, 0, 1]))
    assert [(row["a"], row["b"]) for row in rows] == [("a", "b"), ("a", "c"), ("b", "c")]
    first = rows[0]
    assert (first["top1"], first["balanced"], first["only_a"], first["only_b"]) == (40.0, -12.5, 3, 1)
    assert first["top1_low"] <= 40 <= first["top1_high"]
    assert [row["p"] for row in rows] == pytest.approx([0.625, 1.0, 0.625])
    assert [row["p_holm"] for row in rows] == [1.0, 1.0, 1.0]  # 3 * 0.625 is above 1


def test_differences_over_seeds_by_hand() -> None:
    labels = np.array([0, 0, 1, 1])
    a = Candidate("a", (0, 1), _right("1111", "1110"), (_row(0, 0, 0),) * 2)
    b = Candidate("b", (1, 0), _right("1100", "0000"), (_row(0, 0, 0),) * 2)
    # Seed 0: 4 - 0 of 4 is 100; seed 1: 3 - 2 of 4 is 25. Mean 62.5, deviation sqrt(2 * 37.5^2) = 53.03.
    rows = pairs([a, b], labels)
    assert [(row["seed"], row["top1"]) for row in rows] == [("0", 100.0), ("1", 25.0)]
    (mean,) = mean_differences(rows)
    assert (mean["seeds"], mean["top1"]) == (2, 62.5)
    assert mean["top1_std"] == pytest.approx(37.5 * 2**0.5)
    assert mean_differences(rows[:1]) == []


@pytest.mark.parametrize(
    ("one", "two", "places"),
    [
        ((0, 1, 2), (1, 2), [(1, 0), (2, 1)]),  # seeds in common
        ((0, 1), (7, 8, 9), [(0, 0), (1, 1)]),  # none: in order
        ((None,), (0,), [(0, 0)]),
    ],
)
def test_which_seeds_are_paired(
    one: tuple[int | None, ...], two: tuple[int | None, ...], places: list[tuple[int, int]]
) -> None:
    assert paired_seeds(one, two) == places
