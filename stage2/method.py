"""The interface of a stage-two method: settings, traits and `fit`."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from torch import Tensor

from decouple.classifier import Classifier
from decouple.files.features import Features
from stage2.fit_result import FeatureSplits, FitResult

PriorSource = Literal[
    "stage1",  # that of stage one's classifier
    "trained",  # that of its own loss and sampler
    "uniform",  # none: all classes count alike
    "adjusted",  # that of stage one's classifier, over the class shares to the power tau
]


class Method(Protocol):
    """A stage-two method: a frozen dataclass of all its settings.

    Its traits are class variables. Other files ask for a trait instead of listing names of methods.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]
    needs_classifier: ClassVar[bool]  # it uses stage one's class weights; else only their shape and the classifier type
    reads_features: ClassVar[bool]  # it reads features of training images; else at most their labels
    trained: ClassVar[bool]  # by gradient descent, on augmented views where there are any
    has_weight_norms: ClassVar[bool]  # its classifier has one row a class, whose norm is reported

    prior: ClassVar[PriorSource]  # what class prior its probabilities assume
    searchable: ClassVar[bool]  # `decouple tune stage2` searches how it is trained

    def fit(self, classifier: Classifier, splits: FeatureSplits) -> FitResult:
        """Return the re-balanced classifier.

        Args:
            classifier: of stage one.
            splits: train, and val where there is one.
        """


@runtime_checkable
class GridSearchable(Method, Protocol):
    """A method with a hyper-parameter whose predictions are cheap at many values: no fit is needed for each.

    Where the hyper-parameter is None, `stage2.selection.choose` tries all values of `grid`. While the best is the
    largest, it tries those of the next one of `wider_grids` too.
    """

    hyperparameter: ClassVar[str]  # name of the field
    grid: ClassVar[tuple[float, ...]]  # its default values, ascending
    wider_grids: ClassVar[tuple[tuple[float, ...], ...]]  # larger values, ascending

    def predictions(
        self, classifier: Classifier, train: Features, held_out: Features, values: Sequence[float]
    ) -> Tensor:
        """Return the predicted class of each held-out image at each value, (V, N) integers."""
