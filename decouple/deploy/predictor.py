"""A run in use: from the pixels of new images to calibrated probabilities. Its folder is enough, no image of it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from decouple.datasets.image_decoding import SKIP_ADVICE
from decouple.datasets.image_files import read_image
from decouple.device import choose_device
from decouple.errors import DataError, RunError
from decouple.evaluation.priors import under_prior
from decouple.files.data_record import DataRecord
from decouple.files.run_dir import RunDir
from stage1.extract import FeatureExtractor
from stage1.network import Network
from stage1.normalization import Normalization, Normalizer
from stage1.saved_network import load_network
from stage2.calibrated import CalibratedClassifier, load_calibrated
from stage2.feature_cache import require_checkpoint
from stage2.recommendation import recommended_classifier


@dataclass(frozen=True, eq=False)
class Predictor:
    """The network and one classifier of a run.

    Attributes:
        run: the run.
        checkpoint: stage-one weights, last or best.
        record: what it was trained on.
        network: backbone and stage one's classifier, in evaluation mode.
        calibrated: the classifier with its temperature and the prior that it assumes.
        device: where the network is.
    """

    run: RunDir
    checkpoint: str
    record: DataRecord
    network: Network
    calibrated: CalibratedClassifier
    device: torch.device

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, (C,)."""
        return self.record.class_names

    @property
    def image_size(self) -> int:
        """Side of the images that the network reads, pixels."""
        assert self.record.image_size is not None  # load_network has refused a run without images
        return self.record.image_size

    def read(self, path: str) -> NDArray[np.uint8]:
        """Return the pixels of an image file as in training, uint8 (S, S, 3).

        Raises:
            DataError: the file is missing, damaged or not an image.
        """
        try:
            return read_image(path, self.image_size)
        except DataError as error:
            raise DataError(error.message.removesuffix(SKIP_ADVICE)) from None

    def features(self, pixels: NDArray[np.uint8] | Tensor) -> Tensor:
        """Return float32 features (B, D) on the CPU, computed as those that stage two was fitted to.

        Args:
            pixels: uint8 (B, S, S, 3), see `read`.
        """
        tensor = torch.from_numpy(pixels) if isinstance(pixels, np.ndarray) else pixels
        images = self._normalize(tensor.to(self.device, non_blocking=True).flatten(2))
        return self._extractor.features(images).cpu()

    def log_probabilities(self, features: Tensor, prior: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return ``log p(y|x)``: features (B, D) -> (B, C).

        Args:
            features: on the CPU.
            prior: deployment prior q, (C,); None: the prior that the classifier assumes. An equal one changes nothing.

        Raises:
            DataError: the prior does not fit, or an image has probability 0 for every class that it allows.
        """
        log_probs = self.calibrated.log_probabilities(features)
        if prior is None:
            return log_probs
        return under_prior(log_probs, self.calibrated.assumed_prior, prior, class_names=self.class_names)

    @cached_property
    def _extractor(self) -> FeatureExtractor:
        return FeatureExtractor(self.network)

    @cached_property
    def _normalize(self) -> Normalizer:
        return Normalizer(Normalization(self.record.mean, self.record.std), self.image_size, self.device)


def choose_classifier(run: RunDir, method: str | None, checkpoint: str | None) -> tuple[str, str]:
    """Return method and stage-one weights: those given, else those of the recommended classifier.

    Raises:
        RunError: the run has no such weights.
    """
    if checkpoint is not None:
        require_checkpoint(run, checkpoint)
    if method is None:
        recommended = recommended_classifier(run, checkpoint)
        method, checkpoint = recommended.method, recommended.checkpoint
    checkpoint = checkpoint or "last"
    require_checkpoint(run, checkpoint)
    return method, checkpoint


def load_predictor(
    run: RunDir,
    *,
    method: str | None = None,
    checkpoint: str | None = None,
    device: str = "auto",
    precision: str = "auto",
) -> Predictor:
    """Return network and classifier of a finished run, from its folder alone.

    Args:
        run: a finished run of stage one.
        method: entry of stage two, or none for stage one's classifier; default: the recommended one.
        checkpoint: stage-one weights, last or best; default: those of the recommended classifier, or last.
        device: auto, cpu, cuda or cuda:N.
        precision: of the backbone: fp32, bf16, or auto: bf16 if the hardware has it.

    Raises:
        RunError: the run was made of features, or a file is missing or damaged.
        ConfigError: there is no such classifier or device.
    """
    method, checkpoint = choose_classifier(run, method, checkpoint)
    network = load_network(run, checkpoint, device=device, precision=precision)
    calibrated = load_calibrated(run, checkpoint, method)
    width = network.classifier.weight.shape[1]
    if calibrated.classifier.weight.shape[1] != width:
        raise RunError(f"the classifier '{method}' of {run.path} reads other features than its network computes")
    return Predictor(run, checkpoint, run.read_data(), network, calibrated, choose_device(device))
