"""Predictions of many images in one pass, in bounded memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from decouple.checks import require_number
from decouple.config.prior_option import EM
from decouple.deploy.decisions import Decider, Decisions, SetOptions, make_decider
from decouple.deploy.deployment_prior import read_deployment_prior
from decouple.deploy.image_batches import ImageBatch, Pixels, UnreadableImage, batch_size, read_batches
from decouple.deploy.predictor import Predictor
from decouple.deploy.row_spool import RowSpool
from decouple.evaluation.prior_estimation import EstimatedPrior, estimate_prior

Source = TypeVar("Source")


@dataclass(frozen=True, kw_only=True)
class PredictionOptions:
    """What is decided from the probabilities.

    Raises:
        ConfigError: abstain is not between 0 and 1.
    """

    prior: str | None = None  # deployment prior: train, uniform, em, or a file; None: that of the classifier
    sets: SetOptions | None = None
    abstain: float = 0.0  # the class is left out below this probability

    def __post_init__(self) -> None:
        require_number("abstain", self.abstain, at_least=0, at_most=1)


@dataclass(frozen=True, eq=False)
class PredictedBatch:
    """Images that could be read, and what was decided for them."""

    positions: tuple[int, ...]  # among the sources, (B,)
    decisions: Decisions


class Prediction:
    """One pass of a predictor over images.

    Attributes:
        decider: what makes the decisions; with the prior "em" it is known once all images have been read.
        estimated: the estimated prior, with "em".
        unreadable: images that were left out, so far.

    Args:
        predictor: network and classifier.
        options: what is decided.
        on_pixels: called with each batch of images that was read.
    """

    def __init__(
        self,
        predictor: Predictor,
        options: PredictionOptions,
        *,
        on_pixels: Callable[[ImageBatch], None] = lambda batch: None,
    ) -> None:
        self._predictor, self._options, self._on_pixels = predictor, options, on_pixels
        self.unreadable: list[UnreadableImage] = []
        self.estimated: EstimatedPrior | None = None
        self.decider = _make_decider(predictor, options)

    def run(self, sources: Sequence[Source], read: Callable[[Source], Pixels]) -> Iterator[PredictedBatch]:
        """Yield decisions batch by batch, in the order of the images.

        Args:
            sources: paths, or anything else that `read` takes.
            read: source -> uint8 (S, S, 3); an image for which it raises DataError is left out.

        Raises:
            DataError: an image has probability 0 for every class that the prior allows.
        """
        batches = self._log_probabilities(sources, read)
        if self._options.prior == EM:
            yield from self._estimated(batches)
            return
        for positions, log_probs in batches:
            yield PredictedBatch(positions, self.decider.decide(log_probs))

    def _log_probabilities(
        self, sources: Sequence[Source], read: Callable[[Source], Pixels]
    ) -> Iterator[tuple[tuple[int, ...], NDArray[np.float64]]]:
        """Yield positions and log-probabilities (B, C) under the assumed prior."""
        size = batch_size(self._predictor.image_size, self._predictor.device.type)
        for batch in read_batches(sources, read, size, self.unreadable.append):
            self._on_pixels(batch)
            yield batch.positions, self._predictor.log_probabilities(self._predictor.features(batch.pixels))

    def _estimated(self, batches: Iterator[tuple[tuple[int, ...], NDArray[np.float64]]]) -> Iterator[PredictedBatch]:
        """Yield decisions under the prior that all images together make most likely."""
        all_positions: list[tuple[int, ...]] = []
        with RowSpool(len(self._predictor.class_names)) as spool:
            for positions, log_probs in batches:
                all_positions.append(positions)
                spool.append(np.exp(log_probs))
            if not all_positions:
                return
            self.estimated = estimate_prior(spool.all_rows(), self.decider.assumed)
            self.decider = _make_decider(self._predictor, self._options, self.estimated.prior)
            for positions, probabilities in zip(all_positions, spool.batches(), strict=True):
                yield PredictedBatch(positions, self.decider.decide(_log(probabilities)))


def _make_decider(
    predictor: Predictor, options: PredictionOptions, deployment: NDArray[np.float64] | None = None
) -> Decider:
    record = predictor.record
    if deployment is None and options.prior not in (None, EM):
        deployment = read_deployment_prior(str(options.prior), record)
    return make_decider(
        predictor.calibrated,
        record.class_counts,
        record.class_names,
        deployment=deployment,
        abstain=options.abstain,
        sets=options.sets,
    )


def _log(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return logarithms; what float32 rounds to 0 is taken for its smallest number."""
    return np.log(np.maximum(probabilities.astype(np.float64), np.finfo(np.float32).smallest_subnormal))
