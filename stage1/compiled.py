"""The forward pass of a network, compiled."""

import os
import shutil
import subprocess
from collections.abc import Callable

import torch
from torch import Tensor, nn

from decouple.errors import ConfigError

Forward = Callable[[Tensor, str], tuple[Tensor, Tensor]]


def compiled(network: nn.Module, device: torch.device) -> Forward:
    """Return a compiled forward pass with the same parameters; compilation takes place at the first step.

    On a GPU the step is recorded as a CUDA graph, which saves launching some 300 kernels.

    Raises:
        ConfigError: torch needs a C++ compiler on a CPU, and none works.
    """
    if device.type == "cpu":
        _require_compiler()
    mode = "reduce-overhead" if device.type == "cuda" else "default"
    forward: Forward = torch.compile(network, mode=mode)
    return forward


def _require_compiler() -> None:
    """Try the compiler that torch would choose, before the first step needs it."""
    variable = os.environ.get("CXX")
    compiler = next(filter(None, map(shutil.which, [variable] if variable else ["g++", "clang++", "cl"])), None)
    if compiler is None:
        missing = f"CXX names {variable}, which does not exist" if variable else "there is no g++ or clang++"
        raise ConfigError(f"`compile` needs a C++ compiler on a CPU, and {missing}; install one")
    command = [compiler] if compiler.lower().endswith("cl.exe") else [compiler, "--version"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise ConfigError(f"`compile` needs a C++ compiler on a CPU, and {compiler} does not work; install another one")
