import copy

import pytest
import timm
import torch
import torch.nn.functional as F
from torch import nn

from stage1.backbones.cropped import CroppedConv2d, crop_kernels, recorded_input_sizes
from stage1.backbones.timm_model import TimmBackbone
from stage1.fuse_conv_bn import fused

SHAPES = [
    (side, kernel, stride, padding)
    for side in (1, 2, 3, 5)
    for kernel in (1, 2, 3, 4, 5, 7, 11)
    for stride in (1, 2, 3, 4)
    for padding in (0, 1, kernel // 2, kernel - 1)
    if side + 2 * padding >= kernel
]


def _cropped(conv: nn.Conv2d, images: torch.Tensor) -> None:
    with recorded_input_sizes(conv) as input_sizes:
        conv(images)
    crop_kernels(input_sizes)


def test_by_hand() -> None:
    # On one pixel only the middle of a 3 x 3 kernel touches it; on 2 x 2 with 7 x 7 and stride 1, its inner 3 x 3.
    one = nn.Conv2d(3, 4, 3, stride=2, padding=1)
    _cropped(one, torch.zeros(1, 3, 1, 1))
    assert isinstance(one, CroppedConv2d)
    assert one.used == (slice(1, 2), slice(1, 2))
    assert one.remaining_padding == (0, 0)
    seven = nn.Conv2d(3, 4, 7, padding=3)
    _cropped(seven, torch.zeros(1, 3, 2, 2))
    assert isinstance(seven, CroppedConv2d)
    assert seven.used == (slice(2, 5), slice(2, 5))
    assert seven.remaining_padding == (1, 1)


@pytest.mark.parametrize(("side", "kernel", "stride", "padding"), SHAPES)
def test_results_and_gradients_are_those_of_the_whole_kernel(side: int, kernel: int, stride: int, padding: int) -> None:
    rng = torch.Generator().manual_seed(0)
    conv = nn.Conv2d(4, 6, kernel, stride, padding, groups=2).double()
    images = torch.randn(3, 4, side, side, generator=rng, dtype=torch.float64, requires_grad=True)
    _cropped(conv, images)
    weight = conv.weight.detach().clone().requires_grad_()
    expected = F.conv2d(images, weight, conv.bias, stride, padding, groups=2)
    slope = torch.randn(expected.shape, generator=rng, dtype=torch.float64)
    wanted = torch.autograd.grad(expected, (images, weight), slope)
    output = conv(images)
    assert output.shape == expected.shape
    torch.testing.assert_close(output, expected)
    for ours, theirs in zip(torch.autograd.grad(output, (images, conv.weight), slope), wanted, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_oblong_images_and_what_is_let_be() -> None:
    oblong = nn.Conv2d(2, 2, (3, 5), padding=(1, 2))
    _cropped(oblong, torch.zeros(1, 2, 1, 9))
    assert isinstance(oblong, CroppedConv2d)
    assert oblong.used == (slice(1, 2), slice(0, 5))
    for full in (
        nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect"),
        nn.Conv2d(2, 2, 3, padding="same"),
        nn.Conv2d(2, 2, 3, padding=2, dilation=2),
        nn.Conv2d(2, 2, 3, padding=1),
    ):
        _cropped(full, torch.zeros(1, 2, 2, 2))
        assert type(full) is nn.Conv2d


def test_a_stride_that_leaves_the_image_at_once_becomes_as_short_as_it_may() -> None:
    # A kernel as wide as the image has one place: stride 1; 2 of 3 pixels have one by a stride of 4, or of 2.
    for kernel, side, expected in ((4, 4, 1), (2, 3, 2), (3, 5, 3)):
        conv = nn.Conv2d(16, 24, kernel, stride=4)
        images = torch.randn(2, 16, side, side)
        before = conv(images)
        _cropped(conv, images)
        assert type(conv) is nn.Conv2d
        assert conv.stride == (expected, expected)
        assert conv(images).shape == before.shape
        torch.testing.assert_close(conv(images), before)


def test_a_convolution_that_sees_images_of_two_sizes_stays_whole() -> None:
    conv = nn.Conv2d(2, 2, 3, padding=1)
    with recorded_input_sizes(conv) as input_sizes:
        conv(torch.zeros(1, 2, 9, 9))
        conv(torch.zeros(1, 2, 1, 1))
    crop_kernels(input_sizes)
    assert type(conv) is nn.Conv2d


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(4, 4, 0), (9, 4, 4), (7, 4, 3), (3, 4, 1)])
def test_results_in_bfloat16_are_right(kernel: int, stride: int, padding: int) -> None:
    """With torch 2.15 on avx512_bf16 those of kernels as wide as image and stride are off by their own size."""
    torch.manual_seed(0)
    conv = nn.Conv2d(16, 24, kernel, stride, padding, bias=False).to(memory_format=torch.channels_last)
    images = torch.randn(4, 16, 4, 4).to(memory_format=torch.channels_last)
    expected = F.conv2d(images.double(), conv.weight.double(), None, stride, padding)
    _cropped(conv, images)
    with torch.autocast("cpu", torch.bfloat16):
        output = conv(images)
    assert (output - expected).norm() < 0.01 * expected.norm()


@pytest.mark.parametrize(
    "name", ["test_resnet", "resnet18", "efficientnet_b0", "resnext50_32x4d", "nf_resnet26", "resnetv2_50x1_bit"]
)
def test_gradients_in_bfloat16_are_written_whole(name: str) -> None:
    """With torch 2.15 on avx512_bf16, 8 pixels and whole kernels, some are what was in memory: here not numbers."""
    torch.manual_seed(0)
    body = TimmBackbone(name, 8, None).train()
    images = torch.randn(4, 3, 8, 8)
    for _ in range(3):
        body.zero_grad()
        for size in range(8, 22):
            torch.full((2**size,), torch.nan)
        with torch.autocast("cpu", torch.bfloat16):
            output = body(images)
        output.float().square().mean().backward()
        assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in body.parameters())


def test_names_copies_and_folding_are_as_before() -> None:
    torch.manual_seed(0)
    plain, ours = timm.create_model("resnet18", num_classes=0).eval(), TimmBackbone("resnet18", 8, None).eval()
    assert ours.body.state_dict().keys() == plain.state_dict().keys()
    ours.body.load_state_dict(plain.state_dict())
    images = torch.randn(2, 3, 8, 8)
    assert sum(type(module) is CroppedConv2d for module in ours.modules()) > 3
    with torch.no_grad():
        torch.testing.assert_close(ours(images), plain(images), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(copy.deepcopy(ours)(images), ours(images))
        torch.testing.assert_close(fused(ours, images)(images), ours(images), rtol=1e-4, atol=1e-5)
    assert not any(type(module) is nn.BatchNorm2d for module in fused(ours, images).modules())
