"""How the C library deals with memory that tensors have given back."""

import ctypes
import functools

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # glibc's names for what mallopt sets
MAX_FREE = 2**29  # bytes that may stay with the process, unused, at the end of its memory
MAX_BLOCK = 2**25  # bytes; larger blocks always come from the system and go back to it, and glibc takes no higher limit


@functools.cache
def keep_freed_memory() -> None:
    """Let the process keep memory that it frees, instead of returning it to the system and requesting it again.

    The activations of a batch come and go with each step, and new pages may cost more than what is computed in them.
    The setting holds for the whole process and cannot be undone, so that only processes of our own call this function:
    the command line and its workers. Where the C library is not glibc, nothing changes.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library; Windows
        return
    set_option(_MMAP_THRESHOLD, MAX_BLOCK)
    set_option(_TRIM_THRESHOLD, MAX_FREE)
