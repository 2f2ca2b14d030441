"""How the C library deals with memory that tensors have given back."""

import ctypes
import functools

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # glibc's names for what mallopt sets
KEPT = 2**29  # bytes at most that stay with the process at the end of its memory
LARGEST = 2**25  # bytes; larger pieces always come from the system and go back to it, and glibc takes no higher limit


@functools.cache
def keep_freed_memory() -> None:
    """Let the process keep what it frees, in place of returning it to the system and asking for it again.

    The activations of a batch come and go with each step, and new pages may cost more than what is computed in them.
    Where the C library isn't glibc nothing changes.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library; Windows
        return
    set_option(_MMAP_THRESHOLD, LARGEST)
    set_option(_TRIM_THRESHOLD, KEPT)
