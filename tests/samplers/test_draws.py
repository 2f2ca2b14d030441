import numpy as np
import pytest
from scipy.stats import chisquare

from decouple.seeding import make_rng
from samplers.draws import draw_class_first, draw_permutations, index_classes


def test_index_by_hand() -> None:
    index = index_classes(np.array([2, 0, 2, 1, 0]))
    assert index.order.tolist() == [1, 4, 3, 0, 2]
    assert index.starts.tolist() == [0, 2, 3]
    assert index.counts.tolist() == [2, 1, 2]


@pytest.mark.parametrize("num_classes", [3, 300, 70_000])  # 8, 16 and 32 bits wide when sorted
def test_index_at_every_width(num_classes: int) -> None:
    labels = np.random.default_rng(0).integers(0, num_classes, 100_000)
    index = index_classes(labels)
    np.testing.assert_array_equal(index.order, np.argsort(labels, kind="stable"))
    np.testing.assert_array_equal(labels[index.order[index.starts[index.counts > 0]]], np.unique(labels))


def test_classes_follow_the_inverse_cumulative_distribution() -> None:
    # One image per class makes the drawn index the class itself; the first 65,536 uniforms decide the classes.
    probabilities = np.random.default_rng(0).dirichlet(np.full(500, 0.05))  # most classes far smaller than a cell
    index = index_classes(np.arange(500))
    drawn = draw_class_first(index, probabilities, 65_536, make_rng(0, "x"))
    cumulative = probabilities.cumsum() / probabilities.cumsum()[-1]
    uniform = make_rng(0, "x").random(65_536)
    np.testing.assert_array_equal(drawn, np.searchsorted(cumulative, uniform, side="right"))


def test_images_of_a_class_are_equally_likely() -> None:
    labels = np.array([0, 1, 1, 0, 1, 1, 1])
    drawn = draw_class_first(index_classes(labels), np.array([0.25, 0.75]), 200_000, make_rng(0, "x"))
    expected = np.where(labels == 0, 0.25 / 2, 0.75 / 5) * 200_000
    assert chisquare(np.bincount(drawn, minlength=7), expected).pvalue > 0.01


def test_a_class_of_probability_0_is_never_drawn() -> None:
    drawn = draw_class_first(index_classes(np.arange(4)), np.array([0, 0.5, 0, 0.5]), 10_000, make_rng(0, "x"))
    assert np.unique(drawn).tolist() == [1, 3]


def test_permutations_follow_one_another() -> None:
    drawn = draw_permutations(5, 12, make_rng(0, "x"))
    assert len(drawn) == 12
    assert sorted(drawn[:5]) == sorted(drawn[5:10]) == [0, 1, 2, 3, 4]
    assert len(set(drawn[10:])) == 2
    assert drawn[:5].tolist() != drawn[5:10].tolist()


def test_more_than_2_to_the_24_images() -> None:
    # Past 2^24 torch.multinomial refuses, and float32 weights would leave out every second image. The last class,
    # one image beyond that limit, must come out as often as any other.
    num_images = 2**24 + 3
    labels = np.zeros(num_images, dtype=np.uint8)
    labels[-2:] = [1, 2]
    drawn = draw_class_first(index_classes(labels), np.full(3, 1 / 3), 300_000, make_rng(0, "x"))
    drawn_classes = np.clip(drawn - (num_images - 3), 0, 2)
    assert chisquare(np.bincount(drawn_classes, minlength=3)).pvalue > 0.01
    assert (drawn[drawn_classes == 0] % 2).mean() == pytest.approx(0.5, abs=0.01)
