import pytest
import torch

from stage1.backbones.build import image_size_for, make_backbone
from stage1.backbones.cifar_resnet import DEPTHS, CifarResNet
from stage1.classifier import LinearClassifier


@pytest.mark.parametrize(
    ("name", "expected"),
    # Weights of a 3 x 3 convolution a -> b with its norm: 9ab + 2b. Stem 3 -> 16: 464. A block of n in each stage:
    # 16: 2 (2304 + 32) = 4,672. 32: the first 4608 + 64 + 9216 + 64 = 13,952, others 2 (9216 + 64) = 18,560.
    # 64: the first 18432 + 128 + 36864 + 128 = 55,552, others 2 (36864 + 128) = 73,984. Classifier 64 -> 10: 650.
    # n = 5: 464 + 5 * 4672 + 13952 + 4 * 18560 + 55552 + 4 * 73984 + 650 = 464,154; one n more adds 97,216.
    # He et al., table 6: 0.27, 0.46, 0.66 and 0.85 million.
    [("resnet20", 269_722), ("resnet32", 464_154), ("resnet44", 658_586), ("resnet56", 853_018)],
)
def test_parameter_counts(name: str, expected: int) -> None:
    backbone = make_backbone(name, 32, None)
    parts = (backbone, LinearClassifier(64, 10))
    assert sum(weight.numel() for part in parts for weight in part.parameters()) == expected


@pytest.mark.parametrize("side", [3, 4])
def test_the_shortcut_takes_every_other_pixel_and_pads_channels_with_zeros(side: int) -> None:
    block = CifarResNet(3).stages[3].eval()  # the first of stage two: 16 -> 32 channels, stride 2
    for parameter in block.parameters():
        torch.nn.init.zeros_(parameter)  # nothing but the shortcut is left
    maps = torch.arange(1.0, 16 * side * side + 1).view(1, 16, side, side)
    output = block(maps)
    assert output.shape == (1, 32, 2, 2)
    for channel in range(32):
        inside = 8 <= channel < 24  # 16 old channels with 8 new ones on each side
        for row in range(2):
            for column in range(2):
                expected = maps[0, channel - 8, 2 * row, 2 * column].item() if inside else 0.0
                assert output[0, channel, row, column].item() == expected


def test_a_block_without_a_stride_adds_its_input() -> None:
    block = CifarResNet(3).stages[0].eval()
    for parameter in block.parameters():
        torch.nn.init.zeros_(parameter)
    maps = torch.randn(2, 16, 5, 5, generator=torch.Generator().manual_seed(0))
    assert torch.equal(block(maps), maps.clamp(min=0))


@pytest.mark.parametrize(("height", "width"), [(4, 4), (7, 7), (8, 8), (9, 13), (32, 32)])
def test_any_size_gives_64_features(height: int, width: int) -> None:
    backbone = CifarResNet(3)
    for mode in (True, False):
        output = backbone.train(mode)(torch.randn(2, 3, height, width))
        assert output.shape == (2, 64)
        assert output.isfinite().all()
    assert backbone.num_features == 64


def test_features_are_the_mean_over_places() -> None:
    # Two strides of 2 leave 2 x 2 places of 8 x 8.
    backbone, images = CifarResNet(3).eval(), torch.randn(1, 3, 8, 8)
    maps = backbone.stages(backbone.stem(images))
    assert maps.shape == (1, 64, 2, 2)
    torch.testing.assert_close(backbone(images)[0], sum(maps[0, :, i, j] for i in (0, 1) for j in (0, 1)) / 4)


def test_depth_is_six_blocks_layers_and_two() -> None:
    for name, blocks in DEPTHS.items():
        convolutions = sum(isinstance(module, torch.nn.Conv2d) for module in CifarResNet(blocks).modules())
        assert convolutions + 1 == int(name.removeprefix("resnet"))  # and the classifier


def test_image_files_are_read_at_32_pixels() -> None:
    assert image_size_for("resnet32") == 32
