"""A file of pretrained weights: tensors by name, and nothing that could run code."""

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path

import timm

from decouple.errors import ConfigError

_PICKLE_STARTS = (b"PK\x03\x04", b"\x80")  # torch's archive, and its old format
_DAMAGED = "it is damaged, or no file of weights; copy or download it again"
_OBJECTS = (
    "it holds Python objects besides tensors, which are not loaded since they can run code; where the file was made, "
    "save the tensors alone: torch.save(model.state_dict(), FILE)"
)
_REASONS_BY_START = {
    b"<": "it is a web page, not a file of weights; download the file itself",
    b"version https://git-lfs": "it is a pointer of git LFS to the file of weights; fetch that with: git lfs pull",
}


def read_weights_file(path: Path) -> Mapping[str, object]:
    """Return the tensors of a .safetensors file, or of a .pth file of plain tensors, by name.

    Raises:
        ConfigError: the file is missing or damaged, or holds something else.
    """
    if not path.is_file():
        raise ConfigError(f"there is no file {path} for `pretrained`; give a file of weights or 'download'")
    try:
        with warnings.catch_warnings(action="ignore"):  # about old formats
            loaded = timm.models.load_state_dict(str(path), use_ema=False, weights_only=True)
    except Exception as error:  # the error depends on the format
        raise ConfigError(f"the weights in {path} cannot be read: {_reason(path, error)}") from None
    weights: Mapping[str, object] = loaded
    return weights


def _reason(path: Path, error: Exception) -> str:
    with path.open("rb") as file:
        start = file.read(64)
    for known_start, reason in _REASONS_BY_START.items():
        if start.lstrip().startswith(known_start):
            return reason
    is_refused = isinstance(error, pickle.UnpicklingError) or "weights_only" in str(error)
    if is_refused and start.startswith(_PICKLE_STARTS):
        return _OBJECTS
    if isinstance(error, AttributeError):  # of a list or a tensor
        return "it holds no dictionary of tensors; save model.state_dict()"
    return _DAMAGED
