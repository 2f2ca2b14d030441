"""The options of `decouple.compare`; docs/generate_options.py writes this file."""

from typing import Literal, TypedDict


class CompareOptions(TypedDict, total=False):
    """Options of `decouple.compare`."""

    runs: str
    """folder that holds the runs"""
    method: tuple[str, ...]
    """stage-two methods whose saved classifiers are compared; none: that of stage one; all: every saved one"""
    weights: Literal["last", "best", "shifted"]
    """stage-one weights: of the last epoch, best on validation, or shifted: last, with batch-norm statistics of
    class-balanced draws"""
    split: Literal["val", "test", "test_longtailed"]
    """images to compare on"""
    groups: str | None
    """class groups in tables: many_medium_few, thirds, halves, sizes such as 33,33,34 of classes by falling training
    images, or bounds such as many=100,few=20; default: many, medium, few and head, middle, tail"""
