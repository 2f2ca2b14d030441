"""The options of `decouple.embed`; docs/generate_options.py writes this file."""

from typing import Literal, TypedDict


class EmbedOptions(TypedDict, total=False):
    """Options of `decouple.embed`."""

    weights: Literal["last", "best", "shifted"]
    """stage-one weights: of the last epoch, best on validation, or shifted: last, with batch-norm statistics of
    class-balanced draws"""
    device: str
    """auto, cpu, cuda or cuda:N"""
    precision: Literal["auto", "fp32", "bf16"]
    """of the backbone; auto: bf16 where the hardware has it"""
