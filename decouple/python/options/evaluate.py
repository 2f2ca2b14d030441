"""The options of `decouple.evaluate`; docs/generate_options.py writes this file."""

from collections.abc import Mapping
from typing import Literal, TypedDict


class EvaluateOptions(TypedDict, total=False):
    """Options of `decouple.evaluate`."""

    images: str | None
    """folder of new images, one subfolder per class, to evaluate on instead of a split"""
    method: str | None
    """stage-two method whose classifier is used; none: that of stage one; default: the recommended one"""
    weights: Literal["last", "best", "shifted"] | None
    """stage-one weights: of the last epoch, best on validation, or shifted: last, with batch-norm statistics of
    class-balanced draws; default: those of the recommended classifier"""
    split: Literal["val", "test", "test_longtailed"]
    """images of the run to evaluate on"""
    root: str | None
    """where the images are now, if they have moved since training"""
    prior: str | Mapping[str, float] | None
    """how often the classes occur where the images come from: train, uniform, or a CSV, JSON or YAML file of class
    and share; default: what the classifier assumes, which changes nothing"""
    sets: float | None
    """report prediction sets that are to hold the true class of this share of images, between 0 and 1"""
    set_score: Literal["probability", "pas"]
    """what prediction sets go by: probability (small sets), or pas (covers rare classes as well)"""
    groups: str | None
    """class groups in tables: many_medium_few, thirds, halves, sizes such as 33,33,34 of classes by falling training
    images, or bounds such as many=100,few=20; default: many, medium, few and head, middle, tail"""
    device: str
    """auto, cpu, cuda or cuda:N"""
