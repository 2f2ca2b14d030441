"""The stage-two methods by name: small dataclasses of settings with ``fit(head, splits) -> Fitted``."""

from stage2.crt import ClassifierRetraining
from stage2.lws import LearnableWeightScaling
from stage2.ncm import NearestClassMean
from stage2.tau import TauNorm
from stage2.unchanged import Unchanged

Method = Unchanged | ClassifierRetraining | LearnableWeightScaling | TauNorm | NearestClassMean

METHODS: dict[str, type[Method]] = {
    "none": Unchanged,
    "crt": ClassifierRetraining,
    "lws": LearnableWeightScaling,
    "tau": TauNorm,
    "ncm": NearestClassMean,
}
