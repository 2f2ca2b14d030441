import torch

from decouple.evaluation.feature_norms import class_feature_norms, mean_feature_norms
from decouple.files.features import CHUNK, Features


def test_a_class_is_the_mean_over_its_images() -> None:
    # Class 0: 2 and 4. Class 1: three times 1. Class 2: none. Class 3: 7.
    norms, labels = torch.tensor([2.0, 4.0, 1.0, 1.0, 1.0, 7.0]), torch.tensor([0, 0, 1, 1, 1, 3])
    means = class_feature_norms(norms, labels, 4)
    assert means[[0, 1, 3]].tolist() == [3, 1, 7]
    assert means[2].isnan()


def test_the_features_of_a_split_over_several_chunks_and_at_half_precision() -> None:
    # Image i has the norm 5 (i + 1) in class i % 2: means of the odd and of the even multiples.
    images = 2 * CHUNK + 10
    scale = torch.arange(1, images + 1).float()[:, None] / 1024
    features = Features(torch.tensor([3.0, 4.0]) * scale, torch.arange(images) % 2)
    expected = [5 * (images / 2) / 1024, 5 * (images / 2 + 1) / 1024]
    torch.testing.assert_close(mean_feature_norms(features, 2), torch.tensor(expected, dtype=torch.float64))
    half = Features(torch.tensor([[3.0, 4.0]], dtype=torch.bfloat16), torch.tensor([0]))
    assert mean_feature_norms(half, 1).tolist() == [5]


def test_a_split_without_images() -> None:
    assert mean_feature_norms(Features(torch.empty(0, 2), torch.empty(0, dtype=torch.int64)), 2).isnan().all()
