"""The stage-two methods by name: small dataclasses of settings with ``fit(head, splits) -> Fitted``."""

from stage2.crt import ClassifierRetraining
from stage2.disalign import DistributionAlignment
from stage2.knn import NearestNeighbours
from stage2.las import LabelAwareScaling
from stage2.logit_adjust import LogitAdjust
from stage2.lws import LearnableWeightScaling
from stage2.ncm import NearestClassMean
from stage2.selection import Method
from stage2.tau import TauNorm
from stage2.unchanged import Unchanged
from stage2.weight_balance import WeightBalance

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
}
