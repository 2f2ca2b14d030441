from collections.abc import Callable

import numpy as np
import pytest

from decouple.errors import DataError
from decouple.reporting.feature_map import MAX_TSNE_IMAGES, draw_feature_map, embed_2d, embedding_name
from decouple.reporting.palette import GROUP_COLOURS


def test_pca_above_twenty_thousand_images_and_of_very_few() -> None:
    assert MAX_TSNE_IMAGES == 20_000
    assert [embedding_name(images) for images in (9, 10, 20_000, 20_001)] == ["PCA", "t-SNE", "t-SNE", "PCA"]


def test_the_principal_components_by_hand() -> None:
    # Two features, of variance 4 : 1 along the axes: the first component is the first feature, centred, up to its sign.
    points = embed_2d(np.array([[2.0, 0], [-2, 0], [0, 1], [0, -1]], dtype=np.float32), seed=0)
    np.testing.assert_allclose(np.abs(points), [[2, 0], [2, 0], [0, 1], [0, 1]], atol=1e-6)


def test_tsne_keeps_two_clusters_apart_and_repeats() -> None:
    rng = np.random.default_rng(0)
    features = np.concatenate([rng.normal(0, 1, (20, 64)), rng.normal(9, 1, (20, 64))]).astype(np.float32)
    points = embed_2d(features, seed=3)
    first, second = points[:20], points[20:]
    gap = np.linalg.norm(first.mean(axis=0) - second.mean(axis=0))
    assert gap > 3 * max(np.linalg.norm(part - part.mean(axis=0), axis=1).max() for part in (first, second)) / 2
    np.testing.assert_array_equal(points, embed_2d(features, seed=3))


@pytest.mark.parametrize("shape", [(1, 5), (3, 1), (30, 1)])
def test_few_features_or_images(shape: tuple[int, int]) -> None:
    points = embed_2d(np.random.default_rng(0).normal(size=shape).astype(np.float32), seed=0)
    assert points.shape == (shape[0], 2)
    assert np.isfinite(points).all()


def test_the_tail_is_drawn_last_and_test_images_are_dots() -> None:
    points = np.array([[0.0, 0], [1, 0], [2, 0], [3, 0]])
    figure = draw_feature_map(points, ["few", "many", "many", "few"], np.array([True, False, True, True]))
    drawn = [
        (line.get_color(), line.get_marker(), np.asarray(line.get_xdata()).tolist()) for line in figure.axes[0].lines
    ]
    many, few = GROUP_COLOURS["many"], GROUP_COLOURS["few"]
    assert [entry for entry in drawn if entry[2]] == [(many, "x", [1]), (many, "o", [2]), (few, "o", [0, 3])]
    labels = [text.get_text() for text in figure.legends[0].texts]
    assert labels == ["many, training (1)", "many, test (1)", "few, test (2)"]


@pytest.mark.parametrize("images", [12, 3000])
def test_is_written(images: int, check_figure: Callable[..., object]) -> None:
    points = np.random.default_rng(0).normal(size=(images, 2))
    groups, tested = ["many", "medium", "few"] * (images // 3), np.arange(images) % 2 == 0
    check_figure(lambda: draw_feature_map(points, groups, tested, subtitle="run r"), again=True)


def test_lists_of_other_lengths_are_refused() -> None:
    with pytest.raises(DataError, match="'group_of' has 1 values for 2 points"):
        draw_feature_map(np.zeros((2, 2)), ["few"], np.array([True, False]))
