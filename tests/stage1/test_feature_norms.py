import pytest
import torch

from stage1.feature_norms import group_feature_norms


def test_a_group_is_the_mean_over_its_classes_not_over_its_images() -> None:
    # Class 0 (many): 2 and 4, mean 3. Classes 1 and 2 (few): mean 1 of three images, and 7 of one; so (1 + 7) / 2.
    norms, labels = torch.tensor([2.0, 4.0, 1.0, 1.0, 1.0, 7.0]), torch.tensor([0, 0, 1, 1, 1, 2])
    means = group_feature_norms(norms, labels, [500, 5, 4])
    assert means == {"many": pytest.approx(3), "medium": None, "few": pytest.approx(4)}


def test_a_class_without_images_does_not_count() -> None:
    assert group_feature_norms(torch.tensor([2.0]), torch.tensor([1]), [5, 4, 3])["few"] == pytest.approx(2)
