"""Figures of loss functions: values from the losses that training uses, over the range where they differ."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import Tensor

from decouple.figures.request import FigureRequest
from decouple.reporting.class_axis import ClassAxis
from decouple.reporting.class_series import draw_class_series
from decouple.reporting.function_curves import CurvePanel, draw_curves
from decouple.reporting.series import Floats
from stage1.losses.fbl import CURVES
from stage1.losses.focal_values import focal_values
from stage1.losses.gcl import GCLLoss

POINTS = 401
_CLOUDS: dict[str, str | float] = {"log": "log", "n^(1/3)": 1 / 3, "n^(1/4)": 1 / 4, "cosine": "cosine"}


def draw_focal(request: FigureRequest) -> Figure:
    """Draw the focal loss over the probability of the true class, for several gamma; gamma 0 is cross-entropy."""
    gammas = request.config.values or (0.0, 0.5, 1.0, 2.0, 5.0)
    p = np.linspace(0.01, 0.999, POINTS)
    curves = {_gamma_label(gamma): (p, focal_loss(p, gamma)) for gamma in gammas}
    panel = CurvePanel("probability of the true class", "loss (nats)", curves)
    return draw_curves("Focal loss", [panel], subtitle=request.subtitle("(1 - p)^gamma * -ln p"))


def focal_loss(probability: Floats, gamma: float) -> Floats:
    """Return the focal loss of images whose true class has this probability, (P,).

    Example:
        >>> (focal_loss(np.array([0.5]), 2.0) / np.log(2)).round(6).tolist()  # (1 - 1/2)^2
        [0.25]
    """
    true = torch.from_numpy(np.asarray(probability, dtype=np.float64))
    logits = torch.stack([true.log(), torch.log1p(-true)], dim=1)
    return np.asarray(focal_values(logits, torch.zeros(len(true), dtype=torch.int64), gamma).numpy())


def draw_effective_number(request: FigureRequest) -> Figure:
    """Draw the effective number of images, and the class weight that follows from it, over the number of images."""
    betas = request.config.values or (0.9, 0.99, 0.999, 0.9999)
    counts = np.geomspace(1, 10_000, POINTS)
    numbers = {f"beta {beta:g}": (counts, effective_number(counts, beta)) for beta in betas}
    weights = {label: (x, 1 / number) for label, (x, number) in numbers.items()}
    x_label = "training images of the class (logarithmic)"
    panels = [
        CurvePanel(x_label, "effective number of images (logarithmic)", numbers, x_log=True, y_log=True),
        CurvePanel(x_label, "class weight: 1 / effective number\n(logarithmic)", weights, x_log=True, y_log=True),
    ]
    return draw_curves("Effective number of images", panels, subtitle=request.subtitle("(1 - beta^n) / (1 - beta)"))


def effective_number(counts: Floats, beta: float) -> Floats:
    """Return ``(1 - beta^n) / (1 - beta)`` of each count, (P,); n itself where beta is 1.

    Example:
        >>> effective_number(np.array([1.0, 2.0]), 0.5).tolist()
        [1.0, 1.5]
    """
    if beta == 1:
        return counts
    return np.asarray(-np.expm1(counts * np.log(beta)) / (1 - beta))


def draw_ap_step(request: FigureRequest) -> Figure:
    """Draw the step function of the AP loss over the difference of two scores, for several delta."""
    deltas = request.config.values or (0.25, 0.5, 1.0, 2.0)
    reach = 1.5 * max(deltas)
    difference = np.linspace(-reach, reach, POINTS)
    curves = {f"delta {delta:g}": (difference, ap_step(difference, delta)) for delta in deltas}
    x_label = "score of the negative - score of the positive (logits)"
    panel = CurvePanel(x_label, "H(difference): 1 if ranked wrongly", curves, zero=True)
    return draw_curves("Step function of the AP loss", [panel], subtitle=request.subtitle())


def ap_step(difference: Floats, delta: float) -> Floats:
    """Return ``clamp(x / (2 delta) + 1/2, 0, 1)``, (P,).

    Example:
        >>> ap_step(np.array([-2.0, 0.0, 0.5, 2.0]), 1.0).tolist()
        [0.0, 0.5, 0.75, 1.0]
    """
    return np.asarray(np.clip(difference / (2 * delta) + 0.5, 0, 1))


def draw_softmax_gradient(request: FigureRequest) -> Figure:
    """Draw the gradient of cross-entropy on the true logit of two classes: it vanishes as the difference grows."""
    difference = np.linspace(-8, 8, POINTS)
    curves = {"": (difference, softmax_gradient(difference))}
    panel = CurvePanel("true logit - other logit", "gradient on the true logit", curves, zero=True)
    return draw_curves("Saturation of softmax", [panel], subtitle=request.subtitle("cross-entropy of two classes"))


def softmax_gradient(difference: Floats) -> Floats:
    """Return the gradient of cross-entropy on the true logit of two classes, (P,), by the difference of the logits.

    Example:
        >>> softmax_gradient(np.array([0.0, np.log(3)])).round(4).tolist()  # -1 / (1 + e^d)
        [-0.5, -0.25]
    """
    own = torch.from_numpy(np.asarray(difference, dtype=np.float64)).requires_grad_()
    logits = torch.stack([own, torch.zeros_like(own)], dim=1)
    F.cross_entropy(logits, torch.zeros(len(own), dtype=torch.int64), reduction="sum").backward()  # type: ignore[no-untyped-call]
    assert own.grad is not None
    return np.asarray(own.grad.numpy())


def draw_gcl_clouds(request: FigureRequest) -> Figure:
    """Draw the cloud size of every class under the cloud functions of GCL."""
    counts = request.counts()
    names = [str(label) for label in range(len(counts))]
    sizes = {label: cloud_sizes(counts, cloud).tolist() for label, cloud in _CLOUDS.items()}
    return draw_class_series(
        "Cloud sizes of GCL",
        ClassAxis(names, counts),
        sizes,
        y_label="cloud size / largest",
        subtitle=request.counts_subtitle(),
    )


def cloud_sizes(counts: list[int], cloud: str | float) -> Floats:
    """Return the relative cloud size of each class, (C,); a number is the exponent of the cloud `power`.

    Example:
        >>> cloud_sizes([100, 10, 1], "log").round(6).tolist()
        [0.0, 0.5, 1.0]
    """
    options: Any = {"cloud": cloud} if isinstance(cloud, str) else {"cloud": "power", "power": cloud}
    sizes: Tensor = GCLLoss(torch.tensor(counts), **options).noise_scales
    return np.asarray(sizes.numpy())


def draw_fbl_curves(request: FigureRequest) -> Figure:
    """Draw how the strength of the feature-balanced loss follows the progress of training, for all five curves."""
    progress = np.linspace(0, 1, POINTS)
    curves = {
        name.replace("_", " "): (progress, np.array([curve(x) for x in progress.tolist()]))
        for name, curve in CURVES.items()
    }
    panel = CurvePanel("finished share of the epochs", "strength / largest", curves)
    return draw_curves("Strength of the feature-balanced loss", [panel], subtitle=request.subtitle())


def _gamma_label(gamma: float) -> str:
    return f"gamma {gamma:g}" + (" (cross-entropy)" if gamma == 0 else "")
