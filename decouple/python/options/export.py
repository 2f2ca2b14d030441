"""The options of `decouple.export`; docs/generate_options.py writes this file."""

from collections.abc import Mapping
from typing import Literal, TypedDict


class ExportOptions(TypedDict, total=False):
    """Options of `decouple.export`."""

    format: Literal["onnx", "pt2", "timm"]
    """onnx, pt2 (torch.export), or timm: a folder with a model card that timm.create_model loads"""
    out: str | None
    """file or folder to write; default: in the folder export of the run"""
    method: str | None
    """stage-two method whose saved classifier is exported; none: that of stage one; default: the recommended"""
    weights: Literal["last", "best", "shifted"] | None
    """stage-one weights: of the last epoch, best on validation, or shifted: last, with batch-norm statistics of
    class-balanced draws; default: those of the recommended method"""
    prior: str | Mapping[str, float] | None
    """class prior of the probabilities: train, uniform, or a table of class and share (.csv, .json, .yaml); default:
    the one that the classifier assumes"""
    license: str
    """license of the exported file, for its metadata, such as apache-2.0"""
