"""What every export format writes: the module of a run, its metadata, and images to check the file on."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from decouple.config.prior_option import EM, NAMED_PRIORS
from decouple.config.settings_yaml import from_yaml
from decouple.datasets.preprocessing import PREPROCESSING
from decouple.deploy.deployment_prior import read_deployment_prior
from decouple.deploy.export_examples import ExampleImages, example_images
from decouple.deploy.export_module import ExportModule
from decouple.deploy.export_record import ExportRecord
from decouple.deploy.predictor import Predictor, load_predictor
from decouple.errors import ConfigError
from decouple.evaluation.priors import log_prior_ratio
from decouple.files.data_record import DataRecord
from decouple.files.run_dir import RunDir
from stage1.normalization import Normalization
from stage1.settings import Stage1Config

ASSUMED = "assumed"  # the prior of the classifier itself


@dataclass(frozen=True, eq=False)
class ExportSource:
    """A classifier of a run, ready to be written.

    Attributes:
        predictor: the network and the classifier, in float32 on the CPU.
        module: the same as one module, without gradients.
        record: metadata of the file.
        examples: images to check the file on.
    """

    predictor: Predictor
    module: ExportModule
    record: ExportRecord
    examples: ExampleImages

    @torch.no_grad()
    def outputs(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Return what the file must return: outputs (B, C) of pixels (B, S, S, 3), as PyTorch computes them."""
        outputs: tuple[Tensor, ...] = self.module(torch.from_numpy(pixels))
        return tuple(output.numpy() for output in outputs)


def open_export_source(
    run: RunDir,
    *,
    method: str | None = None,
    checkpoint: str | None = None,
    prior: str | None = None,
    license: str = "unknown",
) -> ExportSource:
    """Return a classifier of a finished run for export; its folder is enough.

    Args:
        run: a finished run of stage one.
        method: entry of stage two, or none for stage one's classifier; default: the recommended one.
        checkpoint: stage-one weights, last or best; default: those of the recommended classifier, or last.
        prior: train, uniform, or a file; see `read_deployment_prior`; default: the one that the classifier assumes.
        license: of the exported file, in the metadata.

    Raises:
        ConfigError: there is no such classifier or prior.
        DataError: the prior does not fit the classes.
        RunError: the run was made of features, or a file is missing or damaged.
    """
    predictor = load_predictor(run, method=method, checkpoint=checkpoint, device="cpu", precision="fp32")
    calibrated, data = predictor.calibrated, predictor.record
    class_prior = calibrated.assumed_prior if prior is None else _class_prior(prior, data)
    offset = log_prior_ratio(calibrated.assumed_prior, class_prior, len(data.class_names), class_names=data.class_names)
    module = ExportModule(
        predictor.network.backbone,
        calibrated.classifier,
        Normalization(data.mean, data.std),
        temperature=calibrated.temperature,
        offset=torch.from_numpy(offset),
    )
    module.eval().requires_grad_(requires_grad=False).to(memory_format=torch.contiguous_format)
    record = _record(predictor, class_prior, prior, license)
    return ExportSource(predictor, module, record, example_images(run, predictor.image_size))


def _class_prior(prior: str, data: DataRecord) -> NDArray[np.float64]:
    if prior == EM:
        raise ConfigError(
            f"`prior={EM}` is estimated from the images of use, which an exported file does not have; "
            "name train, uniform or a file"
        )
    return read_deployment_prior(prior, data)


def _record(predictor: Predictor, class_prior: NDArray[np.float64], prior: str | None, license: str) -> ExportRecord:
    data, calibrated, size = predictor.record, predictor.calibrated, predictor.image_size
    return ExportRecord(
        names=data.class_names,
        imgsz=(size, size),
        mean=data.mean,
        std=data.std,
        preprocessing=data.preprocessing or PREPROCESSING,
        decouple_version=version("decouple-lt"),
        license=license,
        run=predictor.run.name,
        model=from_yaml(Stage1Config, predictor.run.config).model,
        method=calibrated.name,
        weights=predictor.checkpoint,
        temperature=calibrated.temperature,
        prior=_prior_name(prior),
        class_prior=tuple(class_prior.tolist()),
        class_counts=data.class_counts,
    )


def _prior_name(prior: str | None) -> str:
    if prior is None:
        return ASSUMED
    return prior if prior in NAMED_PRIORS else Path(prior).name
