"""The table of figures: what each shows, what it is drawn from, and the options that it reads."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from matplotlib.figure import Figure

from decouple.figures.class_sizes import draw_class_counts, draw_sampling_weights
from decouple.figures.losses import (
    draw_ap_step,
    draw_effective_number,
    draw_fbl_curves,
    draw_focal,
    draw_gcl_clouds,
    draw_softmax_gradient,
)
from decouple.figures.request import FigureRequest
from decouple.figures.run_angles import draw_angles
from decouple.figures.run_embeddings import draw_feature_embeddings
from decouple.figures.run_errors import draw_class_error
from decouple.figures.run_examples import draw_tail_examples
from decouple.figures.run_norms import draw_epoch_norms, draw_test_norms
from decouple.figures.run_roc import draw_roc
from decouple.figures.run_weights import draw_run_weight_norms, draw_tau_norms
from decouple.figures.sweep_panels import draw_categories, draw_samplers, draw_spread
from decouple.figures.weight_scaling import draw_tau_scaling

COUNTS = ("counts", "profile", "num_classes", "max_count", "ratio")


class FigureEntry(NamedTuple):
    """A figure of `decouple figure`."""

    summary: str  # one line
    draw: Callable[[FigureRequest], Figure]
    options: tuple[str, ...] = ()  # fields of `FigureConfig` that it reads, beside those of every figure
    source: Literal["formulas", "runs", "sweep"] = "formulas"


FIGURES = {
    "sampling-weights": FigureEntry(
        "probability of every class in a draw, under several samplers",
        draw_sampling_weights,
        ("samplers", "values", *COUNTS),
    ),
    "class-counts": FigureEntry(
        "images of every class, for several imbalance ratios or list files",
        draw_class_counts,
        ("lists", "labels", "test_count", *COUNTS),
    ),
    "focal": FigureEntry("focal loss by the probability of the true class, for several gamma", draw_focal, ("values",)),
    "effective-number": FigureEntry(
        "effective number of images and class weight, for several beta", draw_effective_number, ("values",)
    ),
    "ap-step": FigureEntry("step function of the AP loss, for several delta", draw_ap_step, ("values",)),
    "softmax-gradient": FigureEntry(
        "gradient of cross-entropy on the true logit of two classes", draw_softmax_gradient
    ),
    "gcl-clouds": FigureEntry("cloud size of every class under the cloud functions of GCL", draw_gcl_clouds, COUNTS),
    "fbl-curves": FigureEntry("strength of the feature-balanced loss over training, five curves", draw_fbl_curves),
    "tau-scaling": FigureEntry("norm of class weights scaled by several tau", draw_tau_scaling, ("values",)),
    "weight-norms": FigureEntry(
        "weight norm of every class under every classifier", draw_run_weight_norms, ("stage2", "weights"), "runs"
    ),
    "tau-norms": FigureEntry(
        "weight norms of stage one by class, scaled by several tau", draw_tau_norms, ("values", "weights"), "runs"
    ),
    "class-error": FigureEntry(
        "error of every class, or of neighbouring classes together, of several trainings and methods",
        draw_class_error,
        ("stage2", "weights", "split", "together"),
        "runs",
    ),
    "embedding": FigureEntry(
        "training and test features in two dimensions (t-SNE), trainings side by side",
        draw_feature_embeddings,
        ("weights", "split", "classes", "images", "seed"),
        "runs",
    ),
    "angles": FigureEntry(
        "angles of training and test features to the anchors of two classes, trainings side by side",
        draw_angles,
        ("weights", "split", "classes", "images"),
        "runs",
    ),
    "tail-examples": FigureEntry(
        "test images of the smallest classes, classified right and wrong",
        draw_tail_examples,
        ("stage2", "weights", "split", "classes"),
        "runs",
    ),
    "roc": FigureEntry(
        "ROC curves of the classes of each group, of several trainings and methods",
        draw_roc,
        ("stage2", "weights", "split"),
        "runs",
    ),
    "feature-norms": FigureEntry(
        "mean feature norm over the epochs: of all classes, or of chosen ones under several trainings",
        draw_epoch_norms,
        ("classes",),
        "runs",
    ),
    "test-feature-norms": FigureEntry(
        "mean feature norm of the test images of every class, of several trainings",
        draw_test_norms,
        ("weights", "split"),
        "runs",
    ),
    "samplers-joint-decoupled": FigureEntry(
        "accuracy of joint and decoupled classifiers by class group, a colour for each sampler of stage one",
        draw_samplers,
        ("columns", "series", "deviation"),
        "sweep",
    ),
    "categories": FigureEntry(
        "values over test categories: a panel for each network or data set, a colour for each loss",
        draw_categories,
        ("columns", "series", "panels", "deviation"),
        "sweep",
    ),
    "spread": FigureEntry(
        "mean and deviation over all cells of each loss, or of each network, over test categories",
        draw_spread,
        ("columns", "series", "deviation"),
        "sweep",
    ),
}
