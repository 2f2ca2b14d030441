import pytest
import torch

from decouple.errors import ConfigError
from decouple.precision import autocast, has_bf16, uses_bf16

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [({"avx512_bf16": True, "amx_bf16": False}, True), ({"amx_bf16": True}, True), ({"avx512_f": True}, False)],
)
def test_what_a_processor_has(capabilities: dict[str, bool], expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert has_bf16(CPU) is expected
    assert uses_bf16("auto", CPU) is expected
    assert uses_bf16("bf16", CPU)  # slow where the hardware has it not, and the same numbers
    assert not uses_bf16("fp32", CPU)


def test_what_a_gpu_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (9, 0))
    assert uses_bf16("auto", CUDA)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (7, 5))
    assert not uses_bf16("auto", CUDA)
    with pytest.raises(ConfigError, match=r"needs a GPU of compute capability 8\.0"):
        uses_bf16("bf16", CUDA)


def test_products_run_in_bfloat16_only_where_asked() -> None:
    matrix = torch.ones(2, 2)
    with autocast(CPU, enabled=True):
        assert (matrix @ matrix).dtype == torch.bfloat16
    with autocast(CPU, enabled=False):
        assert (matrix @ matrix).dtype == torch.float32
