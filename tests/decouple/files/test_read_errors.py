import struct

import pytest

from decouple.files.read_errors import DAMAGED, reason_of


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError("image file is\n truncated"), "image file is truncated"),
        (ValueError("bad magic number"), "bad magic number"),
        (KeyError(101), DAMAGED),
        (ValueError("101"), DAMAGED),
        (ValueError(""), DAMAGED),
        (struct.error("unpack requires a buffer of 4 bytes"), DAMAGED),
        (ValueError("Object arrays cannot be loaded when allow_pickle=False"), DAMAGED),
        (RuntimeError("re-running `torch.load` with `weights_only` set to `False` will likely succeed"), DAMAGED),
    ],
)
def test_words_that_help_remain_and_others_do_not(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


def test_a_reason_of_the_callers_own() -> None:
    assert reason_of(KeyError(101), "it holds no weights") == "it holds no weights"
