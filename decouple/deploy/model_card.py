"""The model card of an exported run: data, results for every class, intended use, limits, how to load."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from decouple.class_counts import group_of_class, largest_first
from decouple.deploy.export_source import ASSUMED, ExportSource
from decouple.evaluation.metrics import Metrics
from decouple.evaluation.recall_intervals import RecallInterval, recall_intervals
from decouple.files.data_record import DataRecord
from decouple.reporting.names import printable
from stage2.saved_classifiers import STAGE_ONE_METHOD

TEMPLATES = Path(__file__).parent / "templates"
_MARKDOWN = re.compile(r"([\\`*_\[\]|~#$])")


@dataclass(frozen=True)
class CardRow:
    """A class in the table of the card."""

    name: str
    group: str  # many, medium or few
    train_images: int
    test: RecallInterval


def model_card(source: ExportSource, parameters: int) -> str:
    """Return the card as Markdown, with the header that model hubs read.

    Args:
        source: what is exported.
        parameters: of the network.
    """
    data, calibrated = source.predictor.record, source.predictor.calibrated
    metrics = _test_metrics(source)
    text: str = (
        _environment()
        .get_template("model_card.md")
        .render(
            record=source.record,
            data=data,
            parameters=parameters,
            method="stage one's classifier" if calibrated.name == STAGE_ONE_METHOD else calibrated.name,
            shifted=source.record.prior != ASSUMED,
            calibrated_on=None if calibrated.held_out is None else calibrated.held_out.source,
            metrics=metrics,
            rows=card_rows(data, metrics["per_class"]),
        )
    )
    return text


def card_rows(data: DataRecord, per_class: Sequence[float | None]) -> list[CardRow]:
    """Return the classes by falling number of training images; `per_class`: accuracy in percent on the test split."""
    images = np.array(data.split_counts["test"])
    correct = np.rint([(accuracy or 0) / 100 * count for accuracy, count in zip(per_class, images, strict=True)])
    intervals = recall_intervals(correct.astype(np.int64), images)
    groups = group_of_class(data.groups)
    return [
        CardRow(data.class_names[label], groups.get(label, ""), data.class_counts[label], intervals[label])
        for label in largest_first(data.class_counts).tolist()
    ]


def markdown_text(text: str) -> str:
    """Return text that Markdown and HTML show as it is, on one line.

    Example:
        >>> markdown_text("a|b <script>")
        'a\\\\|b &lt;script&gt;'
    """
    return _MARKDOWN.sub(r"\\\1", html.escape(printable(text), quote=False))


def _test_metrics(source: ExportSource) -> Metrics:
    results, record = source.predictor.run.read_results(), source.record
    if record.method == STAGE_ONE_METHOD:
        return results.stage1[record.weights].metrics["test"]
    return results.stage2[record.weights][record.method].metrics["test"]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # Markdown: texts of the run go through the filter `text`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["text"] = markdown_text
    environment.filters["thousands"] = lambda number: f"{number:,}"
    environment.filters["percent"] = lambda number: "-" if number is None else f"{number:.1f}"
    return environment
