import torch

from stage1.normalization import Normalization, Normalizer


def test_each_channel_has_its_own_mean_and_deviation() -> None:
    normalizer = Normalizer(Normalization((0.0, 0.2, 0.5), (1.0, 0.1, 0.25)), 2, torch.device("cpu"))
    rows = torch.tensor([[[255, 51, 0, 0, 102, 255]]], dtype=torch.uint8)  # two pixels: 1, 0.2, 0 and 0, 0.4, 1
    images = normalizer(rows)
    expected = torch.tensor([[[[1.0, 0.0]], [[0.0, 2.0]], [[-2.0, 2.0]]]])
    torch.testing.assert_close(images, expected, atol=1e-6, rtol=0)
    assert images.is_contiguous(memory_format=torch.channels_last)
