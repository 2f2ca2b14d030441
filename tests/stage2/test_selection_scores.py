import numpy as np
import pytest
import torch

from decouple.errors import ConfigError
from decouple.evaluation.metrics import evaluate
from decouple.evaluation.selection_metrics import SELECTION_METRICS, describe_selection_metric, selection_metric_value
from stage2.selection_scores import require_images, selection_scores

COUNTS = [300, 150, 90, 40, 12, 3]


def test_two_classes_by_hand() -> None:
    # Labels 0 0 0 1; the first row of predictions gets 0 0 1 1, the second 1 1 1 1.
    labels = torch.tensor([0, 0, 0, 1])
    predicted = torch.tensor([[0, 0, 1, 1], [1, 1, 1, 1]])
    result = {name: selection_scores(name, predicted, labels, [200, 10]).tolist() for name in SELECTION_METRICS}
    assert result["balanced"] == pytest.approx([250 / 3, 50])
    assert result["top1"] == pytest.approx([75, 25])
    assert result["macro_f1"] == pytest.approx([100 * (4 / 5 + 2 / 3) / 2, 100 * (0 + 2 / 5) / 2])
    assert result["g_mean"] == pytest.approx([100 * (2 / 3) ** 0.5, 0])
    assert result["many"] == result["head"] == pytest.approx([200 / 3, 0])
    assert result["few"] == result["middle"] == pytest.approx([100, 100])
    assert np.isnan(result["medium"]).all()
    assert np.isnan(result["tail"]).all()  # two classes in thirds: the last third is empty


@pytest.mark.parametrize("selection_metric", SELECTION_METRICS)
@pytest.mark.parametrize("absent", [None, 2])
def test_measures_are_those_of_the_report(selection_metric: str, absent: int | None) -> None:
    rng = torch.Generator().manual_seed(0)
    labels = torch.randint(6, (200,), generator=rng)
    if absent is not None:
        labels = labels[labels != absent]
    logits = torch.randn(4, len(labels), 6, generator=rng)
    logits[:, torch.arange(len(labels)), labels] += 1
    result = selection_scores(selection_metric, logits.argmax(dim=2), labels, COUNTS)
    for row, entry in zip(result.tolist(), logits, strict=True):
        expected = selection_metric_value(evaluate(entry.numpy(), labels.numpy(), COUNTS), selection_metric)
        assert row == pytest.approx(expected, nan_ok=True) if expected is not None else row != row


def test_a_group_without_images_cannot_judge() -> None:
    labels = torch.tensor([0, 1])
    scores = selection_scores("few", labels[None], labels, [200, 50])
    with pytest.raises(ConfigError, match=r"select=few cannot choose: no class of that group has a held-out image"):
        require_images("few", scores)
    require_images("many", selection_scores("many", labels[None], labels, [200, 50]))


def test_every_measure_has_words() -> None:
    assert len({describe_selection_metric(selection_metric) for selection_metric in SELECTION_METRICS}) == len(
        SELECTION_METRICS
    )
    assert describe_selection_metric("balanced") == "balanced accuracy"
