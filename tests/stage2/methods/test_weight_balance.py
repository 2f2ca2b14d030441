import pytest
import torch

from decouple.classifier import Classifier
from decouple.errors import ConfigError, DataError
from decouple.files.features import Features
from stage1.losses import LOSSES
from stage2.methods.weight_balance import WeightBalance, max_norm


def _case(counts: list[int], seed: int = 0) -> tuple[Classifier, Features]:
    rng = torch.Generator().manual_seed(seed)
    rows = torch.randn(len(counts), 5, generator=rng) * torch.linspace(3, 0.5, len(counts))[:, None]
    labels = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    features = (rows[labels] + torch.randn(len(labels), 5, generator=rng)).relu()
    return Classifier("linear", rows, torch.randn(len(counts), generator=rng)), Features(features, labels)


def _cap(classifier: Classifier, threshold: float) -> float:
    norms = classifier.weight.double().norm(dim=1)
    return float(norms.min() + threshold * (norms.max() - norms.min()))


def test_the_projection_by_hand() -> None:
    # Norms 5, 1 and 0: the cap is 0 + 0.1 * 5. Rows above it are shortened to it, the others stay.
    weight = torch.tensor([[3.0, 4.0], [1.0, 0.0], [0.0, 0.0]])
    project = max_norm(weight, 0.1)
    project()
    torch.testing.assert_close(weight, torch.tensor([[0.3, 0.4], [0.5, 0.0], [0.0, 0.0]]))
    weight[2] = torch.tensor([0.0, 0.25])
    project()  # the cap is that of the beginning
    torch.testing.assert_close(weight, torch.tensor([[0.3, 0.4], [0.5, 0.0], [0.0, 0.25]]))


def test_a_cap_of_0_leaves_rows_of_zeros_as_they_are() -> None:
    weight = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    max_norm(weight, 0.0)()
    assert torch.equal(weight, torch.zeros(2, 2))


def test_one_step_is_that_of_float64() -> None:
    classifier, train = _case([6, 2])
    settings = WeightBalance(epochs=1, batch_size=8, lr=0.2, weight_decay=0.05, momentum=0.0)
    result = settings.fit(classifier, {"train": train}).classifier
    assert classifier.bias is not None
    weight, bias = classifier.weight.double().requires_grad_(), classifier.bias.double().requires_grad_()
    n = torch.tensor([6.0, 2.0]).double()
    w = (1 - 0.9999) / (1 - 0.9999**n)
    log_p = (train.features.double() @ weight.T + bias).log_softmax(dim=1)[torch.arange(8), train.labels]
    (-(w[train.labels] * log_p).sum() / w[train.labels].sum()).backward()
    assert weight.grad is not None
    assert bias.grad is not None
    after = (weight - 0.2 * (weight.grad + 0.05 * weight)).detach()
    after *= (_cap(classifier, 0.1) / after.norm(dim=1, keepdim=True)).clamp(max=1)
    torch.testing.assert_close(result.weight, after.float())
    assert result.bias is not None
    torch.testing.assert_close(result.bias, (bias - 0.2 * (bias.grad + 0.05 * bias)).detach().float())


@pytest.mark.parametrize("counts", [[50, 20, 4], [30, 3]])
def test_no_row_is_longer_than_the_cap(counts: list[int]) -> None:
    classifier, train = _case(counts)
    for threshold in (0.0, 0.1, 0.7):
        result = WeightBalance(norm_threshold=threshold, lr=1.0).fit(classifier, {"train": train}).classifier
        assert result.weight.norm(dim=1).max() <= _cap(classifier, threshold) * (1 + 1e-5)


def test_no_learning_and_a_cap_of_the_longest_leave_stage_one_as_it_is() -> None:
    classifier, train = _case([50, 20, 4])
    result = WeightBalance(lr=1e-30, weight_decay=0, norm_threshold=1.0).fit(classifier, {"train": train}).classifier
    torch.testing.assert_close(result.weight, classifier.weight, rtol=1e-6, atol=0)
    assert result.bias is not None
    assert classifier.bias is not None
    assert torch.equal(result.bias, classifier.bias)


def test_a_cosine_classifier_stays_one() -> None:
    classifier, train = _case([50, 20, 4])
    cosine = Classifier("cosine", classifier.weight, scale=8.0)
    result = WeightBalance().fit(cosine, {"train": train}).classifier
    assert (result.kind, result.scale, result.bias) == ("cosine", 8.0, None)
    assert result.weight.norm(dim=1).max() <= _cap(classifier, 0.1) * (1 + 1e-5)
    with_margin = WeightBalance(loss="ldam").fit(cosine, {"train": train}).classifier
    assert with_margin.scale == LOSSES["ldam"](torch.tensor([50, 20, 4])).scale


def test_a_loss_of_cosines_needs_a_cosine_classifier() -> None:
    classifier, train = _case([50, 20, 4])
    with pytest.raises(ConfigError, match=r"loss=ldam needs cosines, and weight_balance keeps .* linear"):
        WeightBalance(loss="ldam").fit(classifier, {"train": train})


def test_a_class_without_training_images_is_an_error() -> None:
    classifier, train = _case([50, 20, 4])
    remaining = Features(train.features[:70], train.labels[:70])
    with pytest.raises(DataError, match=r"no training image for classes \[2\]"):
        WeightBalance().fit(classifier, {"train": remaining})


def test_a_seed_decides_everything() -> None:
    classifier, train = _case([50, 20, 4])
    first, again, other = (
        WeightBalance(seed=seed, batch_size=8).fit(classifier, {"train": train}).classifier for seed in (3, 3, 4)
    )
    assert torch.equal(first.weight, again.weight)
    assert not torch.equal(first.weight, other.weight)
