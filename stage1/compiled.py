"""The network's step as one compiled program."""

import os
import shutil
import subprocess
from collections.abc import Callable

import torch
from torch import Tensor, nn

from decouple.errors import ConfigError

Forward = Callable[[Tensor, str], tuple[Tensor, Tensor]]


def compiled(network: nn.Module, device: torch.device) -> Forward:
    """Return the network compiled, with the same parameters; it is compiled at the first step.

    On a GPU the step is recorded as a CUDA graph, which spares the launch of some 300 kernels.

    Raises:
        ConfigError: on a CPU there is no C++ compiler that works, which torch needs there.
    """
    if device.type == "cpu":
        _require_compiler()
    mode = "reduce-overhead" if device.type == "cuda" else "default"
    made: Forward = torch.compile(network, mode=mode)
    return made


def _require_compiler() -> None:
    """Try what torch would take, before it is needed in the middle of the first step."""
    chosen = os.environ.get("CXX")
    found = next(filter(None, map(shutil.which, [chosen] if chosen else ["g++", "clang++", "cl"])), None)
    if found is None:
        missing = f"CXX names {chosen}, which is not there" if chosen else "there is no g++ or clang++"
        raise ConfigError(f"--compile needs a C++ compiler on a CPU, and {missing}; install one")
    words = [found] if found.lower().endswith("cl.exe") else [found, "--version"]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        raise ConfigError(f"--compile needs a C++ compiler on a CPU, and {found} does not work; install another one")
