"""The options of `decouple.predict`; docs/generate_options.py writes this file."""

from collections.abc import Mapping
from typing import Literal, TypedDict


class PredictOptions(TypedDict, total=False):
    """Options of `decouple.predict`."""

    method: str | None
    """stage-two method whose classifier is used; none: that of stage one; default: the recommended one"""
    weights: Literal["last", "best", "shifted"] | None
    """stage-one weights: of the last epoch, best on validation, or shifted: last, with batch-norm statistics of
    class-balanced draws; default: those of the recommended classifier"""
    prior: str | Mapping[str, float] | None
    """how often the classes occur where the images come from: train (as in training), uniform (all alike), em
    (estimated from these images), or a CSV, JSON or YAML file of class and share; default: what the classifier
    assumes, so that it predicts as it was evaluated"""
    sets: float | None
    """share of images whose prediction set is to hold the true class, between 0 and 1; default: no sets"""
    set_score: Literal["probability", "pas"]
    """what prediction sets go by: probability (small sets), or pas (covers rare classes as well)"""
    abstain: float
    """leave the class empty below this probability, 0 to 1"""
    device: str
    """auto, cpu, cuda or cuda:N"""
    precision: Literal["auto", "fp32", "bf16"]
    """of the backbone; auto: bf16 where the hardware has it"""
