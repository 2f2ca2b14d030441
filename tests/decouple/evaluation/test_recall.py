import pytest
import torch

from decouple.evaluation.metrics import evaluate
from decouple.evaluation.recall import balanced_accuracy, class_recalls


def test_two_classes_by_hand() -> None:
    # Labels 0 0 0 1; the first row of predictions gets 0 0 1 1, the second 1 1 1 1.
    labels = torch.tensor([0, 0, 0, 1])
    predicted = torch.tensor([[0, 0, 1, 1], [1, 1, 1, 1]])
    recalls = class_recalls(predicted, labels, 2)
    torch.testing.assert_close(recalls, torch.tensor([[2 / 3, 1], [0, 1]]).double())
    torch.testing.assert_close(balanced_accuracy(recalls), torch.tensor([250 / 3, 50]).double())


def test_one_row_gives_one_row() -> None:
    labels, predicted = torch.tensor([0, 0, 2]), torch.tensor([0, 1, 2], dtype=torch.int32)
    torch.testing.assert_close(
        class_recalls(predicted, labels, 3), torch.tensor([0.5, torch.nan, 1]).double(), equal_nan=True
    )


@pytest.mark.parametrize("num_classes", [5, 200])
@pytest.mark.parametrize("chunk", [1, 40, 2**20])
def test_recalls_of_chunks_are_those_of_all_images(
    num_classes: int, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("decouple.evaluation.recall.PREDICTIONS_CHUNK", chunk)
    rng = torch.Generator().manual_seed(0)
    labels = torch.randint(num_classes - 1, (700,), generator=rng)  # the last class is absent
    predicted = torch.where(torch.rand(3, 700, generator=rng) < 0.5, labels, 0).to(torch.int32)
    recalls = class_recalls(predicted, labels, num_classes)
    for row, row_recalls in zip(predicted, recalls, strict=True):
        for label in range(num_classes - 1):
            members = labels == label
            expected = (row[members] == label).double().mean().item()
            assert row_recalls[label].item() == pytest.approx(expected, nan_ok=True)
    assert recalls[:, -1].isnan().all()


def test_the_report_agrees() -> None:
    rng = torch.Generator().manual_seed(0)
    labels, logits = torch.randint(5, (300,), generator=rng), torch.randn(300, 7, generator=rng)
    recalls = class_recalls(logits.argmax(dim=1), labels, 7)
    metrics = evaluate(logits.numpy(), labels.numpy(), [10] * 7)
    assert balanced_accuracy(recalls).item() == pytest.approx(metrics["balanced"])
    per_class = [torch.nan if value is None else value for value in metrics["per_class"]]
    assert (100 * recalls).tolist() == pytest.approx(per_class, nan_ok=True)
