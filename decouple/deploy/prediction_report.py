"""What a pass of predictions came to: counted batch by batch, shown as text, stored as a record."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from decouple.config.predict_settings import STDOUT
from decouple.deploy.decisions import Decider, Decisions
from decouple.deploy.predictor import Predictor
from decouple.reporting.names import printable, shorten
from decouple.reporting.tables import rows_table
from decouple.reporting.terminal import Block

MAX_ROWS = 20  # classes that the table lists


@dataclass(frozen=True, kw_only=True)
class SkippedImage:
    """An image that could not be read."""

    path: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PredictedClass:
    """The images that a class was predicted for."""

    name: str
    images: int
    mean_probability: float | None  # of the class on those images
    prior: float  # share that the deployment prior gives the class
    train_images: int


@dataclass(frozen=True, kw_only=True)
class PredictionReport:
    """Result of `decouple predict`."""

    run: str
    method: str
    weights: str
    temperature: float
    calibrated_on: str | None  # held-out images, in words; None: probabilities are not calibrated
    prior: str  # train, uniform, em, a file, or classifier: what it assumes
    out: str
    sheet: str | None
    images: int
    abstained: int
    mean_probability: float  # of the most probable class
    mean_set_size: float | None
    classes: tuple[PredictedClass, ...]
    skipped: tuple[SkippedImage, ...]


class PredictionCounter:
    """Counts decisions, batch by batch."""

    def __init__(self, num_classes: int) -> None:
        self.images = self.abstained = 0
        self._total = self._set_sizes = 0.0
        self._class_images = np.zeros(num_classes, dtype=np.int64)
        self._class_totals = np.zeros(num_classes)
        self._has_sets = False

    def add(self, decisions: Decisions) -> None:
        """Count the decisions of a batch."""
        first, decided = decisions.probabilities[:, 0], ~decisions.abstained
        self.images += len(first)
        self.abstained += int(decisions.abstained.sum())
        self._total += float(first.sum())
        classes = decisions.classes[decided, 0]
        self._class_images += np.bincount(classes, minlength=len(self._class_images))
        self._class_totals += np.bincount(classes, first[decided], minlength=len(self._class_images))
        if decisions.members is not None:
            self._has_sets = True
            self._set_sizes += float(decisions.members.sum())

    def report(
        self,
        predictor: Predictor,
        decider: Decider,
        *,
        prior: str,
        out: str,
        sheet: str | None,
        skipped: Sequence[SkippedImage],
    ) -> PredictionReport:
        """Return what was counted; at least one image is needed."""
        calibrated = predictor.calibrated
        means = self._class_totals / np.maximum(self._class_images, 1)
        columns = zip(
            predictor.class_names, self._class_images, means, decider.deployment, predictor.record.class_counts,
            strict=True,
        )  # fmt: skip
        return PredictionReport(
            run=str(predictor.run.path),
            method=calibrated.name,
            weights=predictor.checkpoint,
            temperature=calibrated.temperature,
            calibrated_on=None if calibrated.held_out is None else calibrated.held_out.source,
            prior=prior,
            out=out,
            sheet=sheet,
            images=self.images,
            abstained=self.abstained,
            mean_probability=self._total / self.images,
            mean_set_size=self._set_sizes / self.images if self._has_sets else None,
            classes=tuple(
                PredictedClass(
                    name=name,
                    images=int(images),
                    mean_probability=float(mean) if images else None,
                    prior=float(share),
                    train_images=train,
                )
                for name, images, mean, share, train in columns
            ),
            skipped=tuple(skipped),
        )


def prediction_summary(report: PredictionReport) -> list[Block]:
    """Return the report as text: what predicted, under which prior, and how many images of which class."""
    calibration = (
        f"calibrated on {report.calibrated_on} (T {report.temperature:.3g})"
        if report.calibrated_on
        else "not calibrated, since the run has no held-out images"
    )
    lines = [
        f"run: {report.run}, method {report.method}, {report.weights} weights; probabilities are {calibration}",
        f"prior: {_PRIORS.get(report.prior, f'of {report.prior}')}",
        f"images: {_images(report)}; mean probability {report.mean_probability:.3f}",
    ]
    if report.mean_set_size is not None:
        lines.append(f"prediction sets: {report.mean_set_size:.2f} classes on average")
    return ["\n".join(lines), rows_table(_class_rows(report), best=None), *_files(report)]


_PRIORS = {
    "classifier": "that of the classifier, which predicts as it was evaluated",
    "train": "the classes occur as often as in training",
    "uniform": "all classes occur equally often",
    "em": "estimated from these images, see the column prior",
}


def _images(report: PredictionReport) -> str:
    parts = [f"{report.images:,}"]
    if report.abstained:
        parts.append(f"{report.abstained:,} without a class, as they are below the limit")
    if report.skipped:
        parts.append(f"{len(report.skipped):,} more could not be read and are left out")
    return ", ".join(parts)


def _class_rows(report: PredictionReport) -> list[dict[str, object]]:
    ranked = sorted(report.classes, key=lambda row: -row.images)
    listed = [row for row in ranked if row.images][:MAX_ROWS]
    rows: list[dict[str, object]] = [
        {
            "class": shorten(printable(row.name), 40),
            "images": row.images,
            "share %": f"{100 * row.images / report.images:.1f}",
            "mean probability": f"{row.mean_probability:.3f}",
            "prior %": f"{100 * row.prior:.2f}",
            "train images": row.train_images,
        }
        for row in listed
    ]
    others = [row for row in ranked if row.images][MAX_ROWS:]
    if others:
        images = sum(row.images for row in others)
        rows.append({"class": f"({len(others):,} more classes)", "images": images})
    unpredicted = sum(not row.images for row in report.classes)
    if unpredicted:
        rows.append({"class": f"({unpredicted:,} classes not predicted)", "images": 0})
    return rows


def _files(report: PredictionReport) -> list[Block]:
    files = [f"predictions: {report.out}"] if report.out != STDOUT else []
    files += [f"contact sheet: {report.sheet}"] if report.sheet else []
    return ["\n".join(files)] if files else []
