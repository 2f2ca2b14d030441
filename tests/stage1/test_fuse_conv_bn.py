import copy

import pytest
import torch
from torch import Tensor, nn

from stage1.backbones.build import make_backbone
from stage1.fuse_conv_bn import FastReLU, FastReLU6, fused


def _norms(module: nn.Module) -> int:
    return sum(isinstance(module, nn.BatchNorm2d) for module in module.modules())


def _seasoned(module: nn.Module, channels_last: bool = False) -> nn.Module:
    """Give every norm statistics of its own."""
    rng = torch.Generator().manual_seed(0)
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for tensor in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                assert tensor is not None
                tensor.data.copy_(0.5 + torch.rand(tensor.shape, generator=rng))
    return module.to(memory_format=torch.channels_last) if channels_last else module


def test_one_convolution_by_hand() -> None:
    # w = 3, then mean 4, variance 3, eps 1, scale 2, shift 5: (3 x - 4) / 2 * 2 + 5 = 3 x + 1.
    net = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.BatchNorm2d(1, eps=1.0))
    conv, norm = net
    assert isinstance(conv, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    for tensor, value in ((conv.weight, 3.0), (norm.weight, 2.0), (norm.bias, 5.0)):
        tensor.data.fill_(value)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.fill_(4.0)
    norm.running_var.fill_(3.0)
    fused_net = fused(net, torch.ones(1, 1, 1, 1))
    assert _norms(fused_net) == 0
    assert fused_net(torch.full((1, 1, 1, 1), 10.0)).item() == 31.0


def test_a_backbone_gives_the_same_features_and_stays_as_it_was() -> None:
    net = _seasoned(make_backbone("resnet20", 32, None), channels_last=True)
    before = copy.deepcopy(net.state_dict())
    images = torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    fused_net = fused(net, images[:2])
    assert _norms(fused_net) == 0
    with torch.no_grad():
        torch.testing.assert_close(fused_net(images), net.eval()(images), rtol=1e-4, atol=1e-5)
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())


class Crossed(nn.Module):
    """Holds a norm behind a convolution that it does not follow."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)

    def forward(self, images: Tensor) -> Tensor:
        fused_net: Tensor = self.conv(self.norm(images).relu())
        return fused_net


def test_what_does_not_belong_together_is_left() -> None:
    net = _seasoned(Crossed())
    assert fused(net, torch.randn(2, 3, 4, 4)) is net


@pytest.mark.parametrize("inplace", [True, False])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_a_rectifier_gives_what_relu_gives(inplace: bool, dtype: torch.dtype) -> None:
    all_numbers = torch.arange(-(2**15), 2**15, dtype=torch.int16).view(torch.bfloat16).to(dtype)  # all there are
    all_numbers = all_numbers[~all_numbers.isnan()].repeat(3, 1)[:, 1::2]  # neither whole nor side by side in memory
    expected, numbers = torch.relu(all_numbers), all_numbers.clone()
    fused_net = FastReLU(inplace)(numbers)
    assert fused_net.dtype == dtype
    assert torch.equal(fused_net, expected)
    assert torch.equal(numbers, expected if inplace else all_numbers)


@pytest.mark.parametrize("inplace", [True, False])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_a_rectifier_with_a_ceiling_gives_what_relu6_gives(inplace: bool, dtype: torch.dtype) -> None:
    all_numbers = torch.arange(-(2**15), 2**15, dtype=torch.int16).view(torch.bfloat16).to(dtype)
    all_numbers = all_numbers[~all_numbers.isnan()]
    expected, numbers = torch.nn.functional.relu6(all_numbers), all_numbers.clone()
    outputs = FastReLU6(inplace)(numbers)
    assert outputs.dtype == dtype
    assert torch.equal(outputs, expected)
    assert torch.equal(numbers, expected if inplace else all_numbers)


def test_activations_are_replaced_in_the_copy_alone() -> None:
    backbone = make_backbone("resnet20", 8, None)
    fused_net = fused(backbone, torch.randn(2, 3, 8, 8))
    assert not any(type(module) is FastReLU for module in backbone.modules())
    assert sum(type(module) is FastReLU for module in fused_net.modules()) == 1 + 9


@pytest.mark.parametrize("name", ["tf_efficientnet_lite0", "resnet18", "mobilenetv3_small_050"])
def test_norms_with_activations_of_timm_are_fused(name: str) -> None:
    net = _seasoned(make_backbone(name, 64, None), channels_last=True)
    images = torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    fused_net = fused(net, images)
    assert fused_net is not net
    assert _norms(fused_net) == 0
    with torch.no_grad():
        expected = net.eval()(images)
        assert (fused_net(images) - expected).abs().max() < 1e-4 * expected.abs().max()
