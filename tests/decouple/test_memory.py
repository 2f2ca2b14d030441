import ctypes
import platform

import pytest

from decouple.memory import MAX_BLOCK, MAX_FREE, keep_freed_memory


class _Library:
    """A C library that notes what is set."""

    def __init__(self) -> None:
        self.set: dict[int, int] = {}

    def mallopt(self, option: int, value: int) -> int:
        self.set[option] = value
        return 1


def test_both_thresholds_are_set_once(monkeypatch: pytest.MonkeyPatch) -> None:
    library = _Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    keep_freed_memory.cache_clear()
    keep_freed_memory()
    assert library.set == {-1: MAX_FREE, -3: MAX_BLOCK}  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
    library.set.clear()
    keep_freed_memory()
    assert library.set == {}


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_another_library_is_let_be(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", fail)
    keep_freed_memory.cache_clear()
    keep_freed_memory()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_glibc_takes_the_values() -> None:
    library = ctypes.CDLL(None)
    assert library.mallopt(-1, MAX_FREE) == library.mallopt(-3, MAX_BLOCK) == 1
