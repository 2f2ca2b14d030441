"""Random streams: every one derives from (seed, purpose, position), none from global state."""

import hashlib

import numpy as np


def derive_seed(seed: int, *stream: int | str) -> int:
    """Return a seed in [0, 2^63) for one purpose, e.g. ``derive_seed(0, "crops", epoch)``.

    Streams that differ in any part are independent for all practical purposes (blake2b), and the value is the
    same on every machine and in every version of Python.
    """
    parts = tuple(part if isinstance(part, str) else int(part) for part in (seed, *stream))  # numpy's 1 is 1 too
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def make_rng(seed: int, *stream: int | str) -> np.random.Generator:
    """Return numpy's generator for the stream (seed, purpose, position)."""
    return np.random.default_rng(derive_seed(seed, *stream))
