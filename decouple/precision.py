"""Whether matrix products and convolutions run in bfloat16."""

import torch

from decouple.errors import ConfigError

FIRST_CUDA = (8, 0)  # compute capability from which a GPU multiplies bfloat16 in hardware


def has_bf16(device: torch.device) -> bool:
    """Return whether the device multiplies bfloat16 faster than float32, rather than imitating it."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= FIRST_CUDA
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def uses_bf16(asked: str, device: torch.device) -> bool:
    """Return whether to compute in bfloat16.

    Args:
        asked: auto (where the hardware has it), bf16 or fp32.
        device: where.

    Raises:
        ConfigError: bf16, on a GPU that has it not.
    """
    if asked == "bf16" and device.type == "cuda" and not has_bf16(device):
        raise ConfigError(
            f"--precision bf16 needs a GPU of compute capability {FIRST_CUDA[0]}.{FIRST_CUDA[1]} or newer; use fp32"
        )
    return asked == "bf16" or (asked == "auto" and has_bf16(device))


def autocast(device: torch.device, enabled: bool) -> torch.autocast:
    """Return the context in which products run in bfloat16, or nothing changes."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)
