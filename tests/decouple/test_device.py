import contextlib

import pytest
import torch

from decouple.device import choose_device, restored_threads, use_fitting_threads
from decouple.errors import ConfigError


def _pretend(monkeypatch: pytest.MonkeyPatch, devices: int) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: devices > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: devices)


@pytest.mark.parametrize(
    ("devices", "name", "expected"),
    [
        (0, "auto", "cpu"),
        (2, "auto", "cuda"),
        (0, "cpu", "cpu"),
        (2, "cpu", "cpu"),
        (2, "cuda", "cuda:0"),
        (2, "cuda:0", "cuda:0"),
        (2, "cuda:1", "cuda:1"),
    ],
)
def test_known_names(monkeypatch: pytest.MonkeyPatch, devices: int, name: str, expected: str) -> None:
    _pretend(monkeypatch, devices)
    assert choose_device(name) == torch.device(expected)


@pytest.mark.parametrize("name", ["", "gpu", "cuda:x", "cuda:-1", "cuda:1.0", "cuda:²", "CUDA", "cuda0", "mps"])
def test_unknown_names(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    _pretend(monkeypatch, 2)
    with pytest.raises(ConfigError, match=f"device must be auto, cpu, cuda or cuda:N, got '{name}'"):
        choose_device(name)


@pytest.mark.parametrize("name", ["cuda", "cuda:0"])
def test_cuda_where_there_is_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    _pretend(monkeypatch, 0)
    with pytest.raises(ConfigError, match="finds no CUDA device here; use device=cpu or auto"):
        choose_device(name)


def test_a_number_beyond_the_last_device(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, 2)
    with pytest.raises(ConfigError, match="device=cuda:2: there are 2 CUDA devices, counted from 0"):
        choose_device("cuda:2")


def test_small_images_get_one_thread_and_others_keep_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[int] = []
    monkeypatch.setattr("torch.set_num_threads", chosen.append)
    use_fitting_threads(torch.device("cpu"), 32)
    use_fitting_threads(torch.device("cuda"), 8)
    assert chosen == []
    use_fitting_threads(torch.device("cpu"), 16)
    assert chosen == [1]


def test_the_number_of_threads_is_restored_after_an_error() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with contextlib.suppress(ValueError), restored_threads():
            use_fitting_threads(torch.device("cpu"), 8)
            assert torch.get_num_threads() == 1
            raise ValueError
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


def test_a_device_is_named_by_a_text() -> None:
    with pytest.raises(ConfigError, match="device must be a text, got 0"):
        choose_device(0)  # type: ignore[arg-type]
