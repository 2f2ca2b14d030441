"""A backbone for evaluation: batch norm fused into convolutions, and faster activations; the features stay the same."""

import copy
import itertools

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from stage1.backbones.cropped import CroppedConv2d

CONVOLUTIONS = (nn.Conv2d.__name__, CroppedConv2d.__name__, "Conv2dSame")  # use their weight as stored; the last one
# is of timm, which is named and not imported, for that takes 2 s
NORM_WITH_ACTIVATION = "BatchNormAct2d"  # of timm
SIX_AS_INT16 = 0x40C0  # the bits of 6 in bfloat16
MAX_DIFFERENCE = 1e-4  # as a fraction of the largest feature; above it, a norm did not belong to its convolution


class FastReLU(nn.ReLU):
    """relu without gradients that compares bfloat16 as int16: both are negative if their first bit is set.

    On a CPU that is five times as fast as relu, which converts to float32 and back. A NaN with that bit becomes 0; if
    the weights give NaN on the test images, `fused` returns the original backbone.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return ``max(input, 0)``, of the same shape."""
        if input.dtype is not torch.bfloat16 or input.device.type != "cpu":
            return super().forward(input)
        output = input if self.inplace else input.clone()
        output.view(torch.int16).clamp_min_(0)
        return output


class FastReLU6(nn.ReLU6):
    """relu6 without gradients that compares bfloat16 as int16, see `FastReLU`: positive numbers have the same order."""

    def forward(self, input: Tensor) -> Tensor:
        """Return ``min(max(input, 0), 6)``, of the same shape."""
        if input.dtype is not torch.bfloat16 or input.device.type != "cpu":
            return super().forward(input)
        output = input if self.inplace else input.clone()
        output.view(torch.int16).clamp_(0, SIX_AS_INT16)
        return output


FAST_ACTIVATIONS: dict[type[nn.Module], type[nn.Module]] = {nn.ReLU: FastReLU, nn.ReLU6: FastReLU6}


@torch.no_grad()
def fused(backbone: nn.Module, images: Tensor) -> nn.Module:
    """Return a copy for evaluation whose convolutions contain the batch norm that follows them.

    ``norm(conv(x)) = conv'(x)`` with ``w' = w g / sqrt(v + e)`` and ``b' = (b - m) g / sqrt(v + e) + c``, for scale g,
    shift c, running mean m and variance v. A norm is taken to follow the convolution before it in the same module. The
    copy is compared with the backbone on `images` (B, 3, H, W): if the features differ, the backbone is returned.

    Activations become `FastReLU` and `FastReLU6`. The features differ from those of the backbone only by rounding.
    """
    backbone.eval()
    copied = copy.deepcopy(backbone)
    for module in list(copied.modules()):
        if type(module) in FAST_ACTIVATIONS:
            module.__class__ = FAST_ACTIVATIONS[type(module)]
        for (name, conv), (next_name, norm) in itertools.pairwise(list(module.named_children())):
            if (
                isinstance(conv, nn.Conv2d)
                and type(conv).__name__ in CONVOLUTIONS
                and isinstance(norm, nn.BatchNorm2d)
                and type(norm).__name__ in (nn.BatchNorm2d.__name__, NORM_WITH_ACTIVATION)
                and conv.out_channels == norm.num_features
            ):
                setattr(module, name, _fuse_pair(conv, norm))
                setattr(module, next_name, _without_norm(norm))
    expected, features = backbone(images), copied(images)
    close = bool((expected - features).abs().max() <= MAX_DIFFERENCE * expected.abs().max())
    return copied if close else backbone


def _without_norm(norm: nn.BatchNorm2d) -> nn.Module:
    """Return what a norm module does beside the normalization: nothing, or the activation of timm's."""
    activation = norm.act if type(norm).__name__ == NORM_WITH_ACTIVATION else nn.Identity()
    return activation if isinstance(activation, nn.Module) else nn.Identity()


def _fuse_pair(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Module:
    channels_last = conv.weight.is_contiguous(memory_format=torch.channels_last)
    fused_conv = fuse_conv_bn_eval(conv, norm)
    return fused_conv.to(memory_format=torch.channels_last) if channels_last else fused_conv
