"""Figure: features in two dimensions, coloured by class group, training and test images marked."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from decouple.checks import require_shape
from decouple.evaluation.arrays import BOOLEAN, FLOATING, Array, as_array
from decouple.reporting.legends import legend_above
from decouple.reporting.palette import GREY, GROUP_COLOURS
from decouple.reporting.series import check_lengths
from decouple.reporting.style import MAX_VECTOR_DOTS, drawable, new_figure, styled

MAX_TSNE_IMAGES = 20_000
MIN_TSNE_IMAGES = 10
TSNE_COMPONENTS = 50  # principal components that t-SNE reads, as is usual
MAX_PERPLEXITY = 30.0
MAX_SINGLE_THREAD_IMAGES = 2_000  # some seconds; threads that wait for a busy core took five times as long


def embedding_name(images: int) -> str:
    """Return how `embed_2d` maps so many images: t-SNE of 10 to 20,000, else PCA."""
    return "t-SNE" if MIN_TSNE_IMAGES <= images <= MAX_TSNE_IMAGES else "PCA"


def embed_2d(features: Array, *, seed: int) -> NDArray[np.float32]:
    """Return the features in two dimensions, (N, 2): t-SNE of their first 50 principal components, or just two of them.

    The seed gives the same result on the same machine. Source: van der Maaten and Hinton, JMLR 9, 2008, as in
    scikit-learn.

    Args:
        features: shape (N, D), N at least 1; a tensor or an array of floats.
        seed: of the random parts.

    Raises:
        DataError: shape or type do not fit.

    Example:
        >>> embed_2d(np.eye(4, dtype=np.float32), seed=0).shape
        (4, 2)
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    values = np.asarray(as_array("features", features, FLOATING), dtype=np.float32)
    require_shape("features", values, ("N", "D"))
    if len(values) == 1:  # the origin; it has no variance
        return np.zeros((1, 2), dtype=np.float32)
    tsne = embedding_name(len(values)) == "t-SNE"
    components = min(TSNE_COMPONENTS if tsne else 2, *values.shape)
    points = PCA(components, random_state=seed, svd_solver="covariance_eigh").fit_transform(values)
    points = np.pad(points, ((0, 0), (0, max(0, 2 - components))))  # of a single feature
    if tsne:
        perplexity = min(MAX_PERPLEXITY, (len(values) - 1) / 3)
        with threadpool_limits(1 if len(values) <= MAX_SINGLE_THREAD_IMAGES else None):
            points = TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(points)
    return np.asarray(points, dtype=np.float32)


@styled
def draw_feature_map(points: Array, group_of: Sequence[str], is_test: Array, *, subtitle: str = "") -> Figure:
    """Return a figure of the points, coloured by class group; training images are crosses, test images dots.

    Few is drawn over medium, and medium over many, so that the tail is visible.

    Args:
        points: what `embed_2d` returns, (N, 2).
        group_of: the group of each image, N names.
        is_test: whether each is a test image, (N,).
        subtitle: run; the kind of map is added to it.

    Raises:
        DataError: shapes, types or lengths do not fit.
    """
    places, tested = as_array("points", points, FLOATING), as_array("is_test", is_test, BOOLEAN)
    require_shape("points", places, ("N", 2))
    require_shape("is_test", tested, (len(places),))
    check_lengths({"group_of": group_of}, len(places), "points")
    name = embedding_name(len(places))
    subtitle = " \u00b7 ".join(filter(None, (subtitle, name)))
    figure = new_figure("Features in two dimensions", subtitle, width=6.4, height=5.2)
    axes = figure.add_subplot()
    groups = np.array(group_of)
    size = 4.0 if len(places) <= 2_000 else 2.0
    handles, labels = [], []
    for group in dict.fromkeys([*(name for name in GROUP_COLOURS if name in group_of), *group_of]):
        colour = GROUP_COLOURS.get(group, GREY)
        for split, members, marker in (("training", ~tested, "x"), ("test", tested, "o")):
            chosen = places[members & (groups == group)]
            look: Any = {
                "linestyle": "none",
                "marker": marker,
                "color": colour,
                "markeredgewidth": 0.8 * (marker == "x"),
            }
            dense = len(places) > MAX_VECTOR_DOTS
            axes.plot(chosen[:, 0], chosen[:, 1], markersize=size, alpha=0.6, rasterized=dense, **look)
            if len(chosen):
                handles.append(Line2D([], [], markersize=5, **look))
                labels.append(f"{drawable(group, 'group')}, {split} ({len(chosen):,})")
    legend_above(figure, handles, labels, columns=2 if len(labels) > 3 else 0)
    axes.set(xticks=[], yticks=[], xlabel=f"{name} 1 (no unit)", ylabel=f"{name} 2 (no unit)")
    axes.grid(visible=False)
    return figure
