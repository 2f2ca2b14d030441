"""The metrics of a cell in cells.json: those of each test split, and the totals of its classes in few bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from decouple.class_counts import class_groups
from decouple.datasets.data import TEST, TEST_LONGTAILED
from decouple.evaluation.class_totals import ClassTotals, predicted_within
from decouple.evaluation.metrics import Metrics
from decouple.group_schemes import GroupScheme, scaled_sizes, scheme_text
from tuning.sweep.table_columns import ALL, LONG_TAILED

SPLITS = {ALL: TEST, LONG_TAILED: TEST_LONGTAILED}  # name in the table -> in the run
_SCALARS = ("top1", "top5", "balanced", "macro_f1", "weighted_f1", "g_mean", "ece", "nll", "auc")


@dataclass(frozen=True, kw_only=True)
class SplitMetrics:
    """Metrics on one split. What has a number for each class is a text of numbers, since a list takes much longer."""

    values: dict[str, float | None]  # metric -> percent, or nats
    intervals: dict[str, tuple[float, ...]]  # top1 and balanced -> low and high end
    images: str  # of each class
    correct: str
    predicted: str
    nll: str  # mean of each class in nats, "-" where it is absent
    within: str = ""  # see `decouple.evaluation.class_totals.predicted_within`; "": not known
    losses: dict[str, float | None] = field(default_factory=dict)  # all and groups -> mean training loss, where asked

    def totals(self) -> ClassTotals:
        """Return the totals of the classes."""
        return {
            "images": _integers(self.images),
            "correct": _integers(self.correct),
            "predicted": _integers(self.predicted),
            "nll": [None if text == "-" else float(text) for text in self.nll.split()],
        }

    def predicted_within(self) -> list[int] | None:
        """Return the images of each class's own group that were predicted as it, None where not known."""
        return _integers(self.within) if self.within else None


@dataclass(frozen=True, kw_only=True)
class CellMetrics:
    """Metrics of a cell on its test splits."""

    train: str  # training images of each class, by which groups are made
    groups: str  # scheme of the groups that `within` and `losses` belong to
    splits: dict[str, SplitMetrics]  # all and, where the run has it, long_tailed

    def train_counts(self) -> list[int]:
        """Return the training images of each class."""
        return _integers(self.train)


def cell_metrics(
    metrics: Mapping[str, Metrics],
    train_counts: Sequence[int],
    groups: GroupScheme,
    losses: Mapping[str, dict[str, float | None]] | None = None,
) -> CellMetrics:
    """Return the metrics of a cell as it stores them.

    Args:
        metrics: split of the run -> its metrics.
        train_counts: training images of each class, (C,).
        groups: scheme of the groups of the sweep.
        losses: split of the run -> all and groups -> mean training loss.
    """
    members = class_groups(train_counts, scaled_sizes(groups, len(train_counts)))
    splits = {}
    for name, split in SPLITS.items():
        if split not in metrics or "class_totals" not in metrics[split]:
            continue
        row = metrics[split]
        totals, confusion = row["class_totals"], row["confusion"]
        splits[name] = SplitMetrics(
            values={key: _scalar(row, key) for key in _SCALARS},
            intervals={"top1": tuple(row["intervals"]["top1"]), "balanced": tuple(row["intervals"]["balanced"])},
            images=_text(totals["images"]),
            correct=_text(totals["correct"]),
            predicted=_text(totals["predicted"]),
            nll=" ".join("-" if loss is None else f"{loss:.6g}" for loss in totals["nll"]),
            within="" if confusion is None else _text(predicted_within(confusion, members)),
            losses=dict((losses or {}).get(split, {})),
        )
    return CellMetrics(train=_text(train_counts), groups=scheme_text(groups), splits=splits)


def _scalar(row: Metrics, key: str) -> float | None:
    value = dict(row)[key]
    return float(value) if isinstance(value, int | float) else None


def _text(numbers: Sequence[int]) -> str:
    return " ".join(map(str, numbers))


def _integers(text: str) -> list[int]:
    return [int(number) for number in text.split()]
