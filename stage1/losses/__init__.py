"""The losses by name: ``LOSSES[name](class_counts, **options)``, called as ``loss(logits, labels, features)``."""

from stage1.losses.ap import APLoss
from stage1.losses.arcface import ArcFaceLoss
from stage1.losses.balanced_softmax import BalancedSoftmaxLoss
from stage1.losses.class_balanced import ClassBalancedLoss
from stage1.losses.cosface import CosFaceLoss
from stage1.losses.cross_entropy import CrossEntropyLoss
from stage1.losses.dro_lt import DROLTLoss
from stage1.losses.drw import drw
from stage1.losses.equalization import EqualizationLoss
from stage1.losses.fbl import FBLLoss
from stage1.losses.focal import FocalLoss
from stage1.losses.gcl import GCLLoss
from stage1.losses.influence_balanced import InfluenceBalancedLoss
from stage1.losses.kps import KPSLoss
from stage1.losses.label_aware_smoothing import LabelAwareSmoothingLoss
from stage1.losses.ldam import LDAMLoss
from stage1.losses.logit_adjustment import LogitAdjustmentLoss
from stage1.losses.loss import Loss
from stage1.losses.seesaw import SeesawLoss
from stage1.losses.vs import VectorScalingLoss
from stage1.losses.weighted_ce import WeightedCrossEntropyLoss

__all__ = ["LOSSES", "drw"]

LOSSES: dict[str, type[Loss]] = {
    "ce": CrossEntropyLoss,
    "weighted_ce": WeightedCrossEntropyLoss,
    "focal": FocalLoss,
    "class_balanced": ClassBalancedLoss,
    "balanced_softmax": BalancedSoftmaxLoss,
    "logit_adjustment": LogitAdjustmentLoss,
    "vs": VectorScalingLoss,
    "equalization": EqualizationLoss,
    "ldam": LDAMLoss,
    "cosface": CosFaceLoss,
    "arcface": ArcFaceLoss,
    "label_aware_smoothing": LabelAwareSmoothingLoss,
    "ap": APLoss,
    "kps": KPSLoss,
    "fbl": FBLLoss,
    "gcl": GCLLoss,
    "seesaw": SeesawLoss,
    "influence_balanced": InfluenceBalancedLoss,
    "dro_lt": DROLTLoss,
}
