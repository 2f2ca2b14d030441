"""Which device to compute on, and with how many CPU threads."""

import contextlib
from collections.abc import Iterator

import torch

from decouple.checks import require_device_name
from decouple.errors import ConfigError


def choose_device(name: str) -> torch.device:
    """Return the device called `name`: auto (CUDA where present, else CPU), cpu, cuda or cuda:N.

    Raises:
        ConfigError: there is no such name or no such device.

    Example:
        >>> choose_device("cpu")
        device(type='cpu')
    """
    require_device_name(name)
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device_type, _, number = name.partition(":")
    if device_type == "cpu":
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise ConfigError(f"`device={name}`: torch finds no CUDA device here; use `device=cpu` or auto")
    if int(number or 0) >= torch.cuda.device_count():
        raise ConfigError(f"`device={name}`: there are {torch.cuda.device_count()} CUDA devices, counted from 0")
    return torch.device(device_type, int(number or 0))


SMALL_IMAGE_THRESHOLD = 16  # pixels


def use_fitting_threads(device: torch.device, image_side: int) -> None:
    """Set torch to one CPU thread where images are at most 16 pixels wide; see `restored_threads`.

    A step on such images is a few hundred operations of some microseconds. A second thread saves a tenth of the time on
    an idle machine, and costs several times that on a busy one, where each operation waits for a thread without a core.
    """
    if device.type == "cpu" and image_side <= SMALL_IMAGE_THRESHOLD:
        torch.set_num_threads(1)


@contextlib.contextmanager
def restored_threads() -> Iterator[None]:
    """Restore torch's number of CPU threads when the block, or the decorated function, ends.

    Example:
        >>> before = torch.get_num_threads()
        >>> with restored_threads():
        ...     use_fitting_threads(torch.device("cpu"), image_side=8)
        >>> torch.get_num_threads() == before
        True
    """
    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)
