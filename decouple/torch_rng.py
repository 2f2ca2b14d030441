"""torch's global generators, which initialisers, dropout and some losses draw from."""

import contextlib
from collections.abc import Callable, Iterator

import torch


@contextlib.contextmanager
def isolated_rng(device: torch.device) -> Iterator[Callable[[int], None]]:
    """Yield a function that seeds the generators of the CPU and of `device`; restore both when the block ends.

    `torch.manual_seed` gives the same numbers, but it also seeds the generators of all other GPUs.

    Example:
        >>> with isolated_rng(torch.device("cpu")) as seed:
        ...     seed(0)
        ...     first = torch.rand(1)
        ...     seed(0)
        ...     assert torch.equal(torch.rand(1), first)
    """
    generators = [torch.default_generator]
    if device.type == "cuda":
        current = torch.cuda.current_device()  # initialises CUDA, and with it the generators
        index = current if device.index is None else device.index
        generators.append(torch.cuda.default_generators[index])
    states = [generator.get_state() for generator in generators]

    def seed(value: int) -> None:
        for generator in generators:
            generator.manual_seed(value)

    try:
        yield seed
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)
