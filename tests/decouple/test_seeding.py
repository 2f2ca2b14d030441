import hashlib
import random

import numpy as np
import pytest
import torch

from decouple.seeding import derive_seed, make_rng


def test_seeds_stay_what_they_were() -> None:
    # Runs made long ago depend on these two, which are int(first 8 bytes of blake2b(text)) // 2.
    assert derive_seed(3, "crops", 7) == 3022988001835997929
    assert derive_seed(0) == 7210762507766007076
    text = b"(3, 'crops', 7)"
    assert int(hashlib.blake2b(text, digest_size=8).hexdigest(), 16) // 2 == 3022988001835997929


@pytest.mark.parametrize("stream", [(0,), (0, "crops"), (1, "crops", 3), (2**62, "a", "b")])
def test_seeds_fit_into_63_bits(stream: tuple[int | str, ...]) -> None:
    assert 0 <= derive_seed(*stream) < 2**63  # type: ignore[arg-type]


def test_streams_that_differ_in_any_part_differ() -> None:
    streams = [(0,), (1,), (0, "a"), (0, "b"), (0, "a", 0), (0, "a", 1), (0, "a", "0"), (0, "a", 0, 0), (0, "ab")]
    assert len({derive_seed(*stream) for stream in streams}) == len(streams)  # type: ignore[arg-type]


def test_a_stream_of_numpy_integers_is_that_of_pythons() -> None:
    assert derive_seed(np.int64(3), "crops", np.int32(7)) == derive_seed(3, "crops", 7)  # type: ignore[arg-type]


def test_the_same_stream_gives_the_same_numbers() -> None:
    assert make_rng(5, "x").random(4).tolist() == make_rng(5, "x").random(4).tolist()


def test_two_streams_are_not_correlated() -> None:
    first, second = make_rng(5, "x").standard_normal(4000), make_rng(5, "y").standard_normal(4000)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.08  # 5 standard errors of 1 / sqrt(4000)


def test_global_random_state_is_neither_read_nor_changed() -> None:
    before = (random.getstate(), np.random.get_state()[1].tolist(), torch.random.get_rng_state())  # type: ignore[index]
    make_rng(0, "x").random(10)
    assert random.getstate() == before[0]
    assert np.random.get_state()[1].tolist() == before[1]  # type: ignore[index]
    assert torch.equal(torch.random.get_rng_state(), before[2])
