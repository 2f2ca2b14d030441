"""What a result depends on beside its settings: versions, machine, command line."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

PACKAGES = ("decouple-lt", "torch", "torchvision", "timm", "numpy", "optuna", "scikit-learn", "scipy", "pillow")


def describe_environment(device: torch.device) -> dict[str, Any]:
    """Return versions, machine and command line, ready for JSON."""
    return {
        "command": sys.argv,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "torch_build": torch.__version__,  # names the CUDA version, which the package's number leaves out
        "platform": platform.platform(),
        "processor": torch.backends.cpu.get_cpu_capability(),
        "cpu_count": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
