from collections.abc import Callable

import pytest
import torch

from decouple.errors import ConfigError
from stage1.compiled import compiled
from stage1.extract import extract
from stage1.trainer import Training, predict, train_epoch


def test_bfloat16_changes_features_by_its_rounding_and_keeps_the_classifier_exact(
    make_tiny: Callable[..., Training],
) -> None:
    exact, rounded = make_tiny(precision="fp32"), make_tiny(precision="bf16")
    order = exact.batches.data.splits["test"]
    features, coarse = (extract(training.network, training.batches, order).features for training in (exact, rounded))
    assert coarse.dtype == torch.float32
    assert not torch.equal(features, coarse)
    # bfloat16 keeps 8 bits: a relative error of 2^-9 in each of some dozens of operations.
    assert (features - coarse).norm() < 0.05 * features.norm()
    logits, *_ = predict(rounded.network, rounded.batches, order)
    assert logits.dtype == torch.float32
    torch.testing.assert_close(rounded.network.classifier.as_tensors().logits(coarse), logits, rtol=0.02, atol=0.02)


def test_weights_stay_float32_under_bfloat16(make_tiny: Callable[..., Training]) -> None:
    training = make_tiny(precision="bf16")
    before = [parameter.detach().clone() for parameter in training.network.parameters()]
    assert train_epoch(training, lambda *_: None, lambda: False)
    after = list(training.network.parameters())
    assert all(parameter.dtype == torch.float32 for parameter in after)
    assert not all(torch.equal(*pair) for pair in zip(before, after, strict=True))


def test_compiling_needs_a_compiler_on_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stage1.compiled.shutil.which", lambda _: None)
    with pytest.raises(ConfigError, match=r"compile needs a C\+\+ compiler"):
        compiled(torch.nn.Linear(1, 1), torch.device("cpu"))


@pytest.mark.parametrize(
    ("compiler", "complaint"), [("/bin/false", "/bin/false does not work"), ("/no/g++", "CXX names /no/g++")]
)
def test_the_compiler_that_torch_would_take_is_tried(
    compiler: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXX", compiler)
    with pytest.raises(ConfigError, match=complaint):
        compiled(torch.nn.Linear(1, 1), torch.device("cpu"))


def test_a_step_runs_what_is_compiled(make_tiny: Callable[..., Training]) -> None:
    training = make_tiny()
    assert training.forward is training.network
    steps = []

    def counted(images: torch.Tensor, logit_type: str) -> tuple[torch.Tensor, torch.Tensor]:
        steps.append(len(images))
        return training.network(images, logit_type)

    training.forward = counted
    assert train_epoch(training, lambda *_: None, lambda: False)
    assert sum(steps) == 30
