"""The exported module gives the probabilities of the predictor, for every stage-two method."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from decouple.classifier import Classifier
from decouple.deploy.export_module import ExportModule
from decouple.deploy.predictor import Predictor, load_predictor
from decouple.errors import ConfigError, DataError
from decouple.evaluation.priors import log_prior_ratio
from decouple.files.run_dir import RunDir
from stage1.normalization import Normalization
from stage2.methods import METHODS

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)
UNIFORM_STATISTICS = Normalization((0.5,) * 3, (0.5,) * 3)


def module_of(predictor: Predictor, prior: NDArray[np.float64]) -> ExportModule:
    calibrated, record = predictor.calibrated, predictor.record
    offset = log_prior_ratio(calibrated.assumed_prior, prior, len(record.class_names))
    return ExportModule(
        predictor.network.backbone,
        calibrated.classifier,
        Normalization(record.mean, record.std),
        temperature=calibrated.temperature,
        offset=torch.from_numpy(offset),
    )


@pytest.mark.parametrize("method", METHODS)
def test_log_probabilities_are_those_of_the_predictor(method: str, methods_run: RunDir) -> None:
    predictor = load_predictor(methods_run, method=method, device="cpu", precision="fp32")
    prior = np.arange(1, 11) / 55
    with torch.no_grad():
        probabilities, log_probs = module_of(predictor, prior)(torch.from_numpy(PIXELS))
    expected = predictor.log_probabilities(predictor.features(PIXELS), prior)
    np.testing.assert_allclose(log_probs.numpy(), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(probabilities.numpy(), np.exp(expected), atol=1e-5)


def test_temperature_and_offset_by_hand() -> None:
    # Grey 255 is 1 after normalization, so the logits are (1, 2, 0), doubled by T = 1/2, the offset is ln (1, 1, 4).
    classifier = Classifier("linear", torch.tensor([[1.0, 0, 0], [2, 0, 0], [0, 0, 0]]))
    offset = torch.tensor([0.0, 0.0, np.log(4)])
    backbone = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    module = ExportModule(backbone, classifier, UNIFORM_STATISTICS, temperature=0.5, offset=offset)
    probabilities, _ = module(torch.full((1, 4, 4, 3), 255, dtype=torch.uint8))
    weights = np.array([np.e**2, np.e**4, 4])
    np.testing.assert_allclose(probabilities[0].numpy(), weights / weights.sum(), rtol=1e-6)


def test_a_class_that_does_not_occur_has_probability_0() -> None:
    backbone = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    offset = torch.tensor([0.0, -torch.inf, 0.0])
    module = ExportModule(
        backbone, Classifier("linear", torch.eye(3)), UNIFORM_STATISTICS, temperature=1.0, offset=offset
    )
    probabilities, log_probs = module(torch.zeros(1, 4, 4, 3, dtype=torch.uint8))
    assert probabilities[0].tolist() == [0.5, 0.0, 0.5]
    assert log_probs[0, 1] == -torch.inf


@pytest.mark.parametrize(
    ("temperature", "classes", "error"), [(0.0, 3, ConfigError), (1.0, 2, DataError)], ids=["temperature", "offset"]
)
def test_what_does_not_fit_is_refused(temperature: float, classes: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"temperature|offset"):
        ExportModule(
            nn.Flatten(),
            Classifier("linear", torch.eye(3)),
            UNIFORM_STATISTICS,
            temperature=temperature,
            offset=torch.zeros(classes),
        )
