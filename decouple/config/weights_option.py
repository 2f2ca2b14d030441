"""The option `--weights`: which of the weights of stage one are used."""

from typing import Literal, get_args

Weights = Literal["last", "best", "shifted"]
WEIGHTS: tuple[Weights, ...] = get_args(Weights)
SHIFTED: Weights = "shifted"
WEIGHTS_HELP = (
    "stage-one weights: of the last epoch, best on validation, or shifted: last, with batch-norm statistics of "
    "class-balanced draws"
)
