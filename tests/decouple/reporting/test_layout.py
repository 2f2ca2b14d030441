"""Nothing is cut, and no text covers another one or the data from 10 to 8,142 classes."""

from collections.abc import Iterator

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from decouple.reporting.class_distribution import draw_class_distribution
from decouple.reporting.confused_pairs import ConfusedPair, draw_confused_pairs
from decouple.reporting.confusion import draw_confusion
from decouple.reporting.figure_files import lay_out
from decouple.reporting.method_comparison import draw_method_comparison
from decouple.reporting.per_class_accuracy import draw_per_class_accuracy
from decouple.reporting.style import figure_style, subtitle_of
from decouple.reporting.weight_norms import draw_weight_norms

CLASSES = (10, 30, 100, 1000, 8142)
SUBTITLE = subtitle_of("a-run-with-a-rather-long-name-resnet50-ce-12", method="logit_adjust", split="test")
METHODS = ("stage one", "crt", "lws", "tau", "ncm", "logit_adjust", "weight_balance", "las", "disalign", "knn")


def _names(num_classes: int) -> list[str]:
    return [f"Genus species number {label}" if label % 2 else f"c{label}" for label in range(num_classes)]


def _counts(num_classes: int) -> list[int]:
    return np.floor(1000 * 0.002 ** (np.arange(num_classes) / (num_classes - 1))).astype(int).tolist()


def _figures(num_classes: int) -> Iterator[Figure]:
    names, counts, half = _names(num_classes), _counts(num_classes), num_classes // 2
    groups = {"many": range(half), "few": range(half, num_classes)}
    yield draw_class_distribution(names, {"training": counts, "test": [5] * num_classes}, groups, subtitle=SUBTITLE)
    for methods in (METHODS[:2], METHODS):
        accuracies: dict[str, list[float | None]] = {name: [40.0] * num_classes for name in methods}
        yield draw_per_class_accuracy(names, counts, accuracies, [5] * num_classes, subtitle=SUBTITLE)
    norms = {name: [float(count) for count in counts] for name in METHODS}
    yield draw_weight_norms(counts, norms, subtitle=SUBTITLE)
    pairs = [ConfusedPair(label % num_classes, (label + 1) % num_classes, 999, 1000) for label in range(20)]
    yield draw_confused_pairs(pairs, names, subtitle=SUBTITLE)
    if num_classes <= 100:
        yield draw_confusion(np.eye(num_classes, dtype=int).tolist(), names, counts, subtitle=SUBTITLE)


def _upright_boxes(figure: Figure) -> list[tuple[str, Bbox]]:
    """Return the boxes of all texts that are drawn, slanted ones left out: their boxes are larger than they are.

    Ticks beyond the limits of an axis have a text that is not drawn, so the texts are collected while drawing.
    """
    drawn: list[Text] = []
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(Text, "draw", lambda text, *_, **__: drawn.append(text))
        figure.draw_without_rendering()
    visible = [text for text in drawn if text.get_visible() and text.get_text().strip()]
    upright = [text for text in visible if text.get_rotation() % 90 == 0]
    return [(text.get_text(), text.get_window_extent()) for text in upright]


def _require_clear(figure: Figure) -> None:
    with figure_style():
        lay_out(figure)
        width, height = figure.get_size_inches() * figure.dpi
        boxes = _upright_boxes(figure)
        for text, box in boxes:
            assert box.x0 >= -1, f"{text} is cut at the left"
            assert box.y0 >= -1, f"{text} is cut at the bottom"
            assert box.x1 <= width + 1, f"{text} is cut at the right"
            assert box.y1 <= height + 1, f"{text} is cut at the top"
        for position, (text, box) in enumerate(boxes):
            for other, other_box in boxes[position + 1 :]:
                assert not box.padded(-1).overlaps(other_box.padded(-1)), f"'{text}' covers '{other}'"
        for legend in figure.legends:
            assert not any(legend.get_window_extent().overlaps(axes.get_window_extent()) for axes in figure.axes)


@pytest.mark.parametrize("num_classes", CLASSES)
def test_nothing_is_cut_or_covered(num_classes: int) -> None:
    for figure in _figures(num_classes):
        _require_clear(figure)


@pytest.mark.parametrize("count", [1, 3, 30])
def test_any_number_of_methods(count: int) -> None:
    row = {"balanced": 40.0, "groups": {"many_medium_few": {"many": 60.0, "medium": None, "few": 20.0}}}
    rows = {f"{METHODS[index % 10]} with options {index}": row for index in range(count)}
    _require_clear(draw_method_comparison(rows, subtitle=SUBTITLE))
