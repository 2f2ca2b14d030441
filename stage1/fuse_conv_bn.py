"""A backbone for evaluation alone: batch norm in the convolutions, faster activations; the same features, sooner."""

import copy
import itertools

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from stage1.backbones.cropped import CroppedConv2d

FUSIBLE = (nn.Conv2d, CroppedConv2d)
CLOSE = 1e-4  # of the largest feature: beyond it, what was folded did not belong together


class FastReLU(nn.ReLU):
    """relu without gradients, which takes bfloat16 for integers: both are negative where their first bit is set.

    On a CPU that is five times as fast as relu, which converts to float32 and back. A NaN with that bit becomes 0; of
    weights that give NaN on what the copy is tried on, the backbone itself is kept.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the numbers above 0, and 0 for the others; the shape stays."""
        if input.dtype is not torch.bfloat16 or input.device.type != "cpu":
            return super().forward(input)
        found = input if self.inplace else input.clone()
        found.view(torch.int16).clamp_min_(0)
        return found


@torch.no_grad()
def fused(backbone: nn.Module, images: Tensor) -> nn.Module:
    """Return a copy for evaluation whose convolutions contain the batch norm that follows them.

    ``norm(conv(x)) = conv'(x)`` with ``w' = w g / sqrt(v + e)`` and ``b' = (b - m) g / sqrt(v + e) + c``, for scale g,
    shift c, running mean m and variance v. Which norm follows which convolution is read from the order in which a
    module holds them, and tried on `images` (B, 3, H, W): where the features differ, the backbone itself is returned.

    Activations become `FastReLU`. The features differ from those of the backbone by rounding alone.
    """
    backbone.eval()
    copied = copy.deepcopy(backbone)
    for module in list(copied.modules()):
        if type(module) is nn.ReLU:
            module.__class__ = FastReLU
        held = list(module.named_children())
        for (name, conv), (next_name, norm) in itertools.pairwise(held):
            if (
                isinstance(conv, nn.Conv2d)
                and type(conv) in FUSIBLE
                and type(norm) is nn.BatchNorm2d
                and conv.out_channels == norm.num_features
            ):
                setattr(module, name, _fused(conv, norm))
                setattr(module, next_name, nn.Identity())
    expected, found = backbone(images), copied(images)
    alike = bool((expected - found).abs().max() <= CLOSE * expected.abs().max())
    return copied if alike else backbone


def _fused(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Module:
    last = conv.weight.is_contiguous(memory_format=torch.channels_last)
    fused = fuse_conv_bn_eval(conv, norm)
    return fused.to(memory_format=torch.channels_last) if last else fused
