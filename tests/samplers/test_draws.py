import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chisquare

from decouple.seeding import make_rng
from samplers.draws import draw_class_first, draw_cycled, draw_permutations, index_classes


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


@pytest.mark.parametrize("num_draws", [1, 3, 5, 6, 12])
def test_permutations_show_every_image_as_often_as_any_other(num_draws: int) -> None:
    displayed = np.bincount(draw_permutations(10, num_draws, make_rng(0, "x")), minlength=10)
    assert displayed.sum() == num_draws
    assert np.ptp(displayed) <= 1


def outcomes(drawn: NDArray[np.int64], images: int, draws: int, classes: int) -> NDArray[np.int64]:
    """Return how often each sequence of images came, over classes 0, 1, ... of `images` images and `draws` draws."""
    by_class = drawn[np.argsort(drawn // images, kind="stable")].reshape(classes, draws) % images
    result: NDArray[np.int64] = np.unique(by_class, axis=0, return_counts=True)[1]
    return result


@pytest.mark.parametrize(
    ("images", "draws", "possible"),
    [
        (3, 3, 6),  # one permutation
        (3, 2, 6),  # a part of one
        (3, 4, 6 * 3),  # one, and the first of the next
        (2, 6, 2 * 2 * 2),  # three
        (4, 1, 4),  # from here on less than half of the images
        (5, 2, 5 * 4),
        (6, 3, 6 * 5 * 4),
        (8, 4, 8 * 7 * 6 * 5),
    ],
)
def test_every_order_of_a_class_is_equally_likely(images: int, draws: int, possible: int) -> None:
    # Each of many classes shows one outcome; all outcomes that can be do come, equally often.
    classes = 50 * possible + 20_000
    index = index_classes(np.repeat(np.arange(classes), images))
    result = outcomes(draw_cycled(index, draws * classes, make_rng(2, "x")), images, draws, classes)
    assert len(result) == possible
    assert chisquare(result).pvalue > 0.01


def test_every_order_of_the_classes_is_equally_likely() -> None:
    drawn = draw_cycled(index_classes(np.arange(4)), 4 * 50_000, make_rng(0, "x")).reshape(-1, 4)
    orders, result = np.unique(drawn, axis=0, return_counts=True)
    assert len(orders) == 24
    assert chisquare(result).pvalue > 0.01


@pytest.mark.parametrize("counts", [[7, 2], [1, 1], [1000, 1, 30, 4], [3] * 50, list(range(1, 200))])
@pytest.mark.parametrize("num_draws", [1, 2, 7, 100, 5001])
def test_classes_and_images_take_turns(counts: list[int], num_draws: int) -> None:
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    drawn = draw_cycled(index_classes(labels), num_draws, make_rng(0, "x"))
    per_class = np.bincount(labels[drawn], minlength=len(counts))
    assert len(drawn) == num_draws
    for start in range(0, num_draws, len(counts)):  # a cycle shows no class twice
        cycle = labels[drawn[start : start + len(counts)]]
        assert len(set(cycle)) == len(cycle)
    for label, count in enumerate(counts):
        own = drawn[labels[drawn] == label]
        assert len(own) == per_class[label]
        for start in range(0, len(own), count):  # nor does a turn of a class show an image twice
            turn = own[start : start + count]
            assert len(set(turn)) == len(turn)


def test_cycled_draws_cost_what_they_draw_and_not_what_there_is() -> None:
    # 4 MB of order for a million images; a thousand draws need 0.1 to 0.2 MB.
    index = index_classes(np.random.default_rng(0).integers(0, 10, 1_000_000))
    for draw in (draw_cycled, lambda index, *rest: draw_permutations(len(index.order), *rest)):
        tracemalloc.start()
        try:
            draw(index, 1000, make_rng(0, "x"))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 300_000


def test_more_than_2_to_the_24_images() -> None:
    # Past 2^24 torch.multinomial refuses, and float32 weights would leave out every second image. The last class,
    # one image beyond that limit, must come out as often as any other.
    num_images = 2**24 + 3
    labels = np.zeros(num_images, dtype=np.uint8)
    labels[-2:] = [1, 2]
    index = index_classes(labels)
    drawn = draw_class_first(index, np.full(3, 1 / 3), 300_000, make_rng(0, "x"))
    drawn_classes = np.clip(drawn - (num_images - 3), 0, 2)
    assert chisquare(np.bincount(drawn_classes, minlength=3)).pvalue > 0.01
    assert (drawn[drawn_classes == 0] % 2).mean() == pytest.approx(0.5, abs=0.01)
    drawn = draw_cycled(index, 30_000, make_rng(0, "x"))
    assert np.bincount(labels[drawn]).tolist() == [10_000] * 3
    assert len(np.unique(drawn)) == 10_002
    assert len(np.unique(draw_permutations(num_images, 10_000, make_rng(0, "x")))) == 10_000
