import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from decouple.classifier import Classifier
from decouple.errors import ConfigError
from decouple.files.features import Features
from stage1.classifier import LinearClassifier
from stage2.fit_loop import FitSettings, fit_on_features
from stage2.methods.crt import ClassifierRetraining


def _points(per_class: list[int], seed: int) -> Features:
    """Three overlapping clouds on a circle."""
    rng = torch.Generator().manual_seed(seed)
    labels = torch.repeat_interleave(torch.arange(3), torch.tensor(per_class))
    angles = labels * 2 * torch.pi / 3
    centres = torch.stack([angles.cos(), angles.sin()], dim=1)
    return Features(2 * centres + torch.randn(len(labels), 2, generator=rng), labels)


TRAIN, TEST = _points([400, 40, 8], 0), _points([200, 200, 200], 1)


def _recalls(classifier: Classifier) -> Tensor:
    correct = (classifier.logits(TEST.features).argmax(dim=1) == TEST.labels).float()
    return correct.view(3, 200).mean(dim=1)


@pytest.fixture(scope="module")
def stage_one() -> Classifier:
    """A classifier trained on the draws as they come: good at the head class, poor at the tail."""
    classifier = LinearClassifier(2, 3)
    torch.nn.init.zeros_(classifier.weight)
    how = FitSettings(sampler="instance", epochs=20)
    fit_on_features(classifier.parameters(), classifier, TRAIN, how.make_loss(TRAIN, 3), how)
    return classifier.as_tensors()


def _fit(classifier: Classifier, **settings: object) -> Classifier:
    return ClassifierRetraining(**settings).fit(classifier, {"train": TRAIN}).classifier  # type: ignore[arg-type]


def test_class_sampling_mends_the_tail(stage_one: Classifier) -> None:
    before, after = _recalls(stage_one), _recalls(_fit(stage_one))
    assert before[0] > 0.95
    assert before[2] < 0.75
    assert after[2] > before[2] + 0.1
    assert after.mean() > before.mean() + 0.03


def test_instance_sampling_does_not(stage_one: Classifier) -> None:
    assert _recalls(_fit(stage_one, sampler="instance"))[2] < _recalls(_fit(stage_one))[2] - 0.1


def test_the_loss_reaches_the_fit(stage_one: Classifier) -> None:
    plain = _recalls(_fit(stage_one, sampler="instance", epochs=40))
    balanced = _recalls(_fit(stage_one, sampler="instance", epochs=40, loss="balanced_softmax"))
    assert balanced[2] > plain[2] + 0.1


def test_a_seed_decides_everything(stage_one: Classifier) -> None:
    first, again, other = (_fit(stage_one, epochs=1, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(first.weight, again.weight)
    assert not torch.equal(first.weight, other.weight)


def test_the_global_generator_is_neither_read_nor_moved(stage_one: Classifier) -> None:
    torch.manual_seed(1)
    first, state = _fit(stage_one, epochs=1), torch.random.get_rng_state()
    torch.manual_seed(1)
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.manual_seed(2)
    assert torch.equal(_fit(stage_one, epochs=1).weight, first.weight)


def test_stage_ones_weights_are_not_the_start(stage_one: Classifier) -> None:
    other = Classifier("linear", torch.randn(3, 2), torch.randn(3))
    assert torch.equal(_fit(stage_one, epochs=1).weight, _fit(other, epochs=1).weight)


def test_a_linear_head_stays_linear(stage_one: Classifier) -> None:
    result = _fit(stage_one, epochs=1)
    assert (result.kind, result.weight.shape, result.weight.requires_grad) == ("linear", (3, 2), False)
    assert result.bias is not None
    assert result.bias.shape == (3,)


def test_a_cosine_head_stays_cosine_with_its_scale() -> None:
    result = _fit(Classifier("cosine", torch.randn(3, 2), scale=7.0))
    assert (result.kind, result.scale, result.bias) == ("cosine", 7.0, None)
    cosines = F.normalize(TEST.features, dim=1) @ F.normalize(result.weight, dim=1).T
    assert ((7 * cosines).argmax(dim=1) == TEST.labels).float().mean() > 0.8


def test_unknown_names(stage_one: Classifier) -> None:
    with pytest.raises(ConfigError, match=r"unknown sampler 'clas'\. Did you mean 'class'\?"):
        _fit(stage_one, sampler="clas")
    with pytest.raises(ConfigError, match=r"unknown loss 'cee'\. Did you mean 'ce'\?"):
        _fit(stage_one, loss="cee")
