"""Figure: what tau-normalization makes of weight norms."""

import numpy as np
from matplotlib.figure import Figure

from decouple.figures.request import FigureRequest
from decouple.reporting.function_curves import CurvePanel, draw_curves
from decouple.reporting.series import Floats


def draw_tau_scaling(request: FigureRequest) -> Figure:
    """Draw the norm of scaled weights over that of the original ones, for several tau."""
    taus = request.config.values or (0.0, 0.3, 0.5, 0.7, 1.0)
    norms = np.arange(1, 11) / 10
    scaled = {f"tau {tau:g}": (norms, scaled_norms(norms, tau)) for tau in taus}
    factors = {f"tau {tau:g}": (norms, scaled_norms(norms, tau) / norms) for tau in taus}
    x_label = "norm of the class weights"
    panels = [
        CurvePanel(x_label, "norm after scaling", scaled, points=True),
        CurvePanel(x_label, "factor on the weights", factors, points=True),
    ]
    return draw_curves("Weights scaled by tau", panels, subtitle=request.subtitle("w / ||w||^tau"))


def scaled_norms(norms: Floats, tau: float) -> Floats:
    """Return the norms of ``w / ||w||^tau``, (P,).

    Example:
        >>> scaled_norms(np.array([0.25, 1.0]), 0.5).tolist()
        [0.5, 1.0]
    """
    return np.asarray(norms ** (1 - tau))
