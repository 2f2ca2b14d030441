"""Why a file cannot be read, in words that a user can act on.

The exceptions of libraries for damaged files may say nothing ("101"), or advise settings that let a file run code.
"""

import re
import struct
import zlib

DAMAGED = "the file is damaged, or is not what its name says"
_UNSAFE = ("allow_pickle", "weights_only", "pickl")  # what some libraries advise to switch off, or on
_INTERNAL = (KeyError, IndexError, TypeError, AttributeError, struct.error, zlib.error, EOFError)  # of a reader's code


def reason_of(error: BaseException, otherwise: str = DAMAGED) -> str:
    """Return the words of an exception on one line, or `otherwise` if they tell a user nothing or are unsafe advice.

    Example:
        >>> reason_of(FileNotFoundError(2, "No such file or directory", "a.npz"))
        'No such file or directory'
        >>> reason_of(KeyError(101))
        'the file is damaged, or is not what its name says'
        >>> reason_of(ValueError("Cannot load file when allow_pickle=False"), "it holds Python objects")
        'it holds Python objects'
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    words = " ".join(str(error).split())
    if isinstance(error, _INTERNAL) or any(name in words for name in _UNSAFE) or not re.search(r"[A-Za-z]{3}", words):
        return otherwise
    return words
