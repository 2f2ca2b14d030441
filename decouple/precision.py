"""The choice between float32 and bfloat16 for matrix products and convolutions."""

import torch

from decouple.checks import require_choice
from decouple.errors import ConfigError

MIN_CUDA_CAPABILITY = (8, 0)  # compute capability from which a GPU multiplies bfloat16 in hardware


def has_bf16(device: torch.device) -> bool:
    """Return whether the device multiplies bfloat16 in hardware, faster than float32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= MIN_CUDA_CAPABILITY
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def uses_bf16(precision: str, device: torch.device) -> bool:
    """Return whether to compute in bfloat16.

    Args:
        precision: auto (bf16 where the hardware has it), bf16 or fp32.
        device: of the computation.

    Raises:
        ConfigError: `precision` is another word, or the GPU does not have bf16.

    Example:
        >>> uses_bf16("fp32", torch.device("cpu"))
        False
    """
    require_choice("precision", precision, ("auto", "bf16", "fp32"))
    if precision == "bf16" and device.type == "cuda" and not has_bf16(device):
        raise ConfigError(
            "`precision=bf16` needs a GPU of compute capability "
            f"{MIN_CUDA_CAPABILITY[0]}.{MIN_CUDA_CAPABILITY[1]} or newer; use fp32"
        )
    return precision == "bf16" or (precision == "auto" and has_bf16(device))


def autocast(device: torch.device, enabled: bool) -> torch.autocast:
    """Return a context in which products run in bfloat16; if not `enabled`, it changes nothing."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)
