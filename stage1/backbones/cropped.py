"""Convolutions without the part of their kernel that never touches the image: deep networks on small images."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch.nn.functional as F
from torch import Tensor, nn

Sides = dict[nn.Conv2d, tuple[int, int]]  # height and width of the image that each convolution sees


class CroppedConv2d(nn.Conv2d):
    """A convolution with `weight` (O, C, K, K) of which a part is used; what the rest would meet is padding alone.

    It gives what the whole kernel gives, and is faster. oneDNN's convolutions in bfloat16 (3.13, torch 2.15, processors
    with avx512_bf16) need it: they leave unwritten the gradient of kernels that reach more than the image's side beyond
    it, or have a longer stride than it, and the weights become whatever was in memory.
    """

    used: tuple[slice, slice]  # of the kernel's rows and columns
    margin: tuple[int, int]  # the padding that is left

    def forward(self, images: Tensor) -> Tensor:
        """Return (B, O, H', W') of images (B, C, H, W)."""
        weight = self.weight[:, :, self.used[0], self.used[1]]
        return F.conv2d(images, weight, self.bias, self.stride, self.margin, self.dilation, self.groups)


@contextmanager
def watched(body: nn.Module) -> Iterator[Sides]:
    """Note what the convolutions of `body` see while it runs; subclasses, which may see it otherwise, are left out."""
    seen: Sides = {}

    def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        assert isinstance(module, nn.Conv2d)
        seen[module] = (inputs[0].shape[-2], inputs[0].shape[-1])

    hooks = [each.register_forward_pre_hook(note) for each in body.modules() if type(each) is nn.Conv2d]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def crop_kernels(seen: Sides) -> None:
    """Turn, in place, those convolutions into `CroppedConv2d` whose kernels are larger than what touches the image."""
    for conv, sides in seen.items():
        if isinstance(conv.padding, str) or conv.padding_mode != "zeros" or conv.dilation != (1, 1):
            continue
        found = [_used(*each) for each in zip(sides, conv.kernel_size, conv.stride, conv.padding, strict=True)]
        if any(part.stop - part.start < size for (part, _), size in zip(found, conv.kernel_size, strict=True)):
            conv.__class__ = CroppedConv2d
            assert isinstance(conv, CroppedConv2d)
            (rows, above), (columns, left) = found
            conv.used, conv.margin = (rows, columns), (above, left)


def _used(side: int, kernel: int, stride: int, padding: int) -> tuple[slice, int]:
    """Return the taps of a kernel that touch an image, along one of its sides, and the padding these need.

    Where none does, or the same padding on both sides would not do, all taps are kept.
    """
    steps = (side + 2 * padding - kernel) // stride  # from the first place of the kernel to its last
    first, end = max(0, padding - steps * stride), min(kernel, side + padding)
    margin = padding - first
    if end <= first or (side + 2 * margin - (end - first)) // stride != steps:
        return slice(0, kernel), padding
    return slice(first, end), margin
