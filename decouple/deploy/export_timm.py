"""Export as a folder in timm's hub form: config.json, model.safetensors, and README.md as a model card.

timm's models return logits, so temperature and prior shift are folded into the last layer: the softmax of the logits
``(w_j . f + b_j) / T + log q_j - log p0_j`` are the probabilities of the run.
"""

import json
from pathlib import Path

import numpy as np
import timm
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from decouple.classifier import Classifier
from decouple.deploy.export_check import Outputs, check_outputs
from decouple.deploy.export_source import ExportSource
from decouple.deploy.model_card import model_card
from decouple.errors import ConfigError, DecoupleError
from decouple.files.json_records import record_to_json
from stage1.backbones.cifar_resnet import DEPTHS
from stage1.backbones.timm_model import TimmBackbone

CONFIG, WEIGHTS, CARD = "config.json", "model.safetensors", "README.md"
_OTHERS = "use `format=onnx` or `format=pt2`"


def write(source: ExportSource, target: Path) -> float:
    """Write the files into a folder and return the largest difference between timm, which loads it, and PyTorch.

    Raises:
        ConfigError: timm has no such backbone, or its last layer cannot hold the classifier.
        DecoupleError: the difference is above 1e-4.
    """
    weight, bias = folded_classifier(source)
    model, arguments = _new_model(source)
    _load_weights(model, source, weight, bias)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, target / WEIGHTS)
    config = hub_config(source, model, arguments)
    (target / CONFIG).write_text(json.dumps(config, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    (target / CARD).write_text(model_card(source, sum(p.numel() for p in model.parameters())), encoding="utf-8")
    loaded = timm.create_model(f"local-dir:{target}", pretrained=True).eval()

    @torch.no_grad()
    def outputs(pixels: NDArray[np.uint8]) -> Outputs:
        log_probs = torch.log_softmax(loaded(source.module.normalized(torch.from_numpy(pixels))), dim=1)
        return [log_probs.exp().numpy(), log_probs.numpy()]

    return check_outputs(source, outputs, "timm")


def folded_classifier(source: ExportSource) -> tuple[Tensor, Tensor]:
    """Return weight (C, D) and bias (C,) whose logits' softmax are the probabilities of the run.

    Raises:
        ConfigError: the classifier is not linear in the features.
    """
    classifier, temperature = source.predictor.calibrated.classifier, source.module.temperature
    reason = _not_linear(classifier)
    if reason is not None:
        raise ConfigError(
            f"`format=timm` holds a linear last layer, and the classifier '{source.record.method}' {reason}; "
            f"{_OTHERS}, or a linear `method` such as tau, crt, lws or logit_adjust"
        )
    weight = classifier.weight.double()
    bias = torch.zeros(len(weight)) if classifier.bias is None else classifier.bias
    return (weight / temperature).float(), (bias.double() / temperature + source.module.offset.double()).float()


def _not_linear(classifier: Classifier) -> str | None:
    if classifier.alignment is not None:
        return "corrects its logits by the image"
    reasons = {
        "cosine": "reads the cosine of features and weights",
        "centred": "reads normalized features",
        "neighbours": "compares the features with those of the training images",
    }
    return reasons.get(classifier.kind)


def _new_model(source: ExportSource) -> tuple[nn.Module, dict[str, object]]:
    """Return timm's model with a last layer for the classes, and the arguments that it needs beside their number."""
    name, classes = source.record.model, len(source.record.names)
    if name in DEPTHS:
        raise ConfigError(f"timm has no model '{name}', which is one of this package; {_OTHERS}")
    size = source.record.imgsz[0]
    try:  # as in training: vision transformers are built for one image size
        return timm.create_model(name, num_classes=classes, img_size=size), {"img_size": size}
    except TypeError:
        return timm.create_model(name, num_classes=classes), {}


def _load_weights(model: nn.Module, source: ExportSource, weight: Tensor, bias: Tensor) -> None:
    backbone, last = source.predictor.network.backbone, model.get_classifier()  # type: ignore[operator]
    assert isinstance(backbone, TimmBackbone)
    names = [name for name, module in model.named_modules() if module is last]
    shape = getattr(getattr(last, "weight", None), "shape", None)
    if len(names) != 1 or shape is None or shape.numel() != weight.numel() or getattr(last, "bias", None) is None:
        raise ConfigError(f"the last layer of '{source.record.model}' in timm is not one linear layer; {_OTHERS}")
    tensors = {**backbone.body.state_dict(), f"{names[0]}.weight": weight.reshape(shape), f"{names[0]}.bias": bias}
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise DecoupleError(f"'{source.record.model}' has other layers with a classifier: {error}; {_OTHERS}") from None


def hub_config(source: ExportSource, model: nn.Module, arguments: dict[str, object]) -> dict[str, object]:
    """Return the content of config.json; `arguments`: those of the model beside the number of classes."""
    record, known = source.record, model.pretrained_cfg
    assert isinstance(known, dict)
    size = [3, *record.imgsz]
    return {
        "architecture": record.model.split(".")[0],
        "num_classes": len(record.names),
        "num_features": model.num_features,
        "label_names": list(record.names),
        **({"model_args": arguments} if arguments else {}),
        "pretrained_cfg": {
            "tag": "decouple",
            "custom_load": False,
            "input_size": size,
            "fixed_input_size": bool(arguments),
            "interpolation": "bilinear",
            "crop_pct": 1.0,
            "crop_mode": "center",
            "mean": list(record.mean),
            "std": list(record.std),
            "num_classes": len(record.names),
            "pool_size": None,
            "first_conv": known.get("first_conv"),
            "classifier": known.get("classifier"),
            "license": record.license,
        },
        "decouple": {
            key: value
            for key, value in record_to_json(record, complete=True).items()
            if key not in ("names", "mean", "std")
        },
    }
