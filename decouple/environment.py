"""The environment of a run, on which its results depend beside the settings: versions, machine, command line."""

import os
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import torch

PACKAGES = ("decouple-lt", "torch", "torchvision", "timm", "numpy", "optuna", "scikit-learn", "scipy", "pillow")


@dataclass(frozen=True, kw_only=True)
class Environment:
    """The content of environment.json, which is written for people: no command reads it."""

    command: tuple[str, ...]
    python: str
    packages: dict[str, str | None]  # name -> version, None where it is not installed
    torch_build: str  # with the version of CUDA, which the package's version leaves out
    platform: str
    processor: str  # instruction set that torch uses
    cpu_count: int | None
    threads: int
    device: str  # name of the GPU, or cpu


def describe_environment(device: torch.device) -> Environment:
    """Return versions, machine and command line of this process."""
    return Environment(
        command=tuple(sys.argv),
        python=platform.python_version(),
        packages={name: _version(name) for name in PACKAGES},
        torch_build=str(torch.__version__),
        platform=platform.platform(),
        processor=torch.backends.cpu.get_cpu_capability(),
        cpu_count=os.cpu_count(),
        threads=torch.get_num_threads(),
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
    )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
