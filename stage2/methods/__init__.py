"""The stage-two methods by name: small dataclasses of settings with ``fit(classifier, splits) -> FitResult``."""

from stage2.method import Method
from stage2.methods.crt import ClassifierRetraining
from stage2.methods.disalign import DistributionAlignment
from stage2.methods.knn import NearestNeighbours
from stage2.methods.las import LabelAwareScaling
from stage2.methods.logit_adjust import LogitAdjust
from stage2.methods.los import LabelOverSmoothing
from stage2.methods.lws import LearnableWeightScaling
from stage2.methods.mislas import MiSLAS
from stage2.methods.ncm import NearestClassMean
from stage2.methods.tau import TauNorm
from stage2.methods.unchanged import Unchanged
from stage2.methods.weight_balance import WeightBalance

METHODS: dict[str, type[Method]] = {
    "none": Unchanged,
    "crt": ClassifierRetraining,
    "lws": LearnableWeightScaling,
    "tau": TauNorm,
    "ncm": NearestClassMean,
    "logit_adjust": LogitAdjust,
    "weight_balance": WeightBalance,
    "las": LabelAwareScaling,
    "disalign": DistributionAlignment,
    "knn": NearestNeighbours,
    "mislas": MiSLAS,
    "los": LabelOverSmoothing,
}

# Close relatives of las and crt: fitted where they are named, and no part of "all" and of `decouple fit`.
BY_NAME_ALONE = frozenset({"mislas", "los"})
ALL_METHODS = tuple(name for name in METHODS if name not in BY_NAME_ALONE)
