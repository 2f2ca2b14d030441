import contextlib

import torch

from decouple.torch_rng import isolated_rng

CPU = torch.device("cpu")


def test_the_same_seed_draws_what_torch_draws() -> None:
    with isolated_rng(CPU) as seed:
        seed(5)
        numbers = torch.rand(3)
        torch.manual_seed(5)
        assert torch.equal(torch.rand(3), numbers)


def test_the_generator_is_restored_after_an_error() -> None:
    before = torch.get_rng_state()
    with contextlib.suppress(ValueError), isolated_rng(CPU) as seed:
        seed(5)
        torch.rand(3)
        raise ValueError
    assert torch.equal(torch.get_rng_state(), before)
