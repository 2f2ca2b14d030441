"""The profiles of every file that has none of its own: smoke, for a trial in seconds, and cpu, for one in hours."""

from collections.abc import Mapping
from typing import Any

from decouple.datasets.settings import FILES
from decouple.errors import ConfigError
from tuning.sweep.profile import FULL, Profile

MAX_CPU_SIDE = 64  # pixels of images that a processor trains on in reason
_SMALL_TRAINING = {"model": "resnet20", "pretrained": None, "normalize": "auto", "train": "all", "compile": False}

SMOKE = Profile(
    name="smoke",
    stage1={**_SMALL_TRAINING, "epochs": 2, "batch_size": 32, "augment": "auto", "precision": "fp32", "log": ()},
    stage2={"epochs": 1, "views": 1},
    tune={"trials": 2, "epochs": None},
    seeds=1,
    stand_in=True,
    note="A smoke run: two epochs on a few stand-in images. The numbers mean nothing.",
)
CPU = Profile(
    name="cpu",
    # A cosine: the milestones of 200 epochs would leave two of 8 epochs at rates too low to learn from.
    stage1={**_SMALL_TRAINING, "epochs": 8, "schedule": "cosine", "warmup_epochs": 1},
    note="Profile cpu: a small network and few epochs, not the published budget.",
)
BUILT_IN = {"smoke": SMOKE, "cpu": CPU, "full": FULL}


def require_cpu_data(options: Mapping[str, Any], source: str) -> None:
    """Check that images can be trained on without a GPU in reason.

    Raises:
        ConfigError: they are image files of more than 64 pixels.
    """
    side = options.get("image_size")
    if options.get("data", "digits") in FILES and (side is None or side > MAX_CPU_SIDE):
        size = "of any size" if side is None else f"of {side} pixels"
        raise ConfigError(
            f"{source} has image files {size}, which take too long on a processor: the profile cpu is for images of "
            f"{MAX_CPU_SIDE} pixels at most (`image_size`). Use the profile smoke or full"
        )
