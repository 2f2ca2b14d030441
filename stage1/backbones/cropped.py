"""Convolutions without the part of their kernel that never touches the image: deep networks on small images."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

Sides = dict[nn.Conv2d, set[tuple[int, int]]]  # heights and widths of the images that each convolution sees


class CroppedConv2d(nn.Conv2d):
    """A convolution with `weight` (O, C, K, K) of which a part is used; what the rest would meet is padding alone.

    It gives what the whole kernel gives, and is faster.
    """

    used: tuple[slice, slice]  # of the kernel's rows and columns
    margin: tuple[int, int]  # the padding that is left

    def forward(self, images: Tensor) -> Tensor:
        """Return (B, O, H', W') of images (B, C, H, W)."""
        weight = self.weight[:, :, self.used[0], self.used[1]]
        return F.conv2d(images, weight, self.bias, self.stride, self.margin, self.dilation, self.groups)


@dataclass(frozen=True)
class _Side:
    """A convolution along one side of its image."""

    used: slice  # the taps of the kernel that touch the image
    margin: int  # the padding that these need
    stride: int


@contextmanager
def watched(body: nn.Module, kinds: Sequence[type[nn.Conv2d]] = (nn.Conv2d,)) -> Iterator[Sides]:
    """Note what the convolutions of `body` see while it runs; `kinds`: those that pad as their attribute says."""
    seen: Sides = {}

    def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        assert isinstance(module, nn.Conv2d)
        seen.setdefault(module, set()).add((inputs[0].shape[-2], inputs[0].shape[-1]))

    hooks = [each.register_forward_pre_hook(note) for each in body.modules() if type(each) in kinds]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def crop_kernels(seen: Sides) -> None:
    """Crop, in place, the kernels that are larger than what touches the image, and strides that leave it at once.

    Results stay the same. oneDNN's convolutions in bfloat16 need it (3.13, torch 2.15, processors with avx512_bf16):
    they leave unwritten the gradient of kernels that reach more than the image's side beyond it, or have a longer
    stride than it, so that weights become whatever was in memory; and some kernels as wide as image and stride give
    wrong results. Kernels of subclasses, which may change them before they are used, stay whole.
    """
    for conv, sizes in seen.items():
        if isinstance(conv.padding, str) or conv.padding_mode != "zeros" or conv.dilation != (1, 1) or len(sizes) > 1:
            continue
        (sides,) = sizes
        whole = type(conv) is not nn.Conv2d
        rows, columns = (
            _along(*each, whole) for each in zip(sides, conv.kernel_size, conv.stride, conv.padding, strict=True)
        )
        conv.stride = (rows.stride, columns.stride)
        if (rows.used, columns.used) != tuple(slice(0, size) for size in conv.kernel_size):
            conv.__class__ = CroppedConv2d  # hooks, names and parameters stay
            assert isinstance(conv, CroppedConv2d)
            conv.used, conv.margin = (rows.used, columns.used), (rows.margin, columns.margin)


def _along(side: int, kernel: int, stride: int, padding: int, whole: bool) -> _Side:
    """Return what is used along a side; the whole kernel where none of it touches, or it would need uneven padding."""
    steps = (side + 2 * padding - kernel) // stride  # from the first place of the kernel to its last
    first, end = max(0, padding - steps * stride), min(kernel, side + padding)
    margin = padding - first
    left = side + 2 * margin - (end - first)
    if whole or end <= first or left // stride != steps:
        first, end, margin, left = 0, kernel, padding, side + 2 * padding - kernel
    return _Side(slice(first, end), margin, left + 1 if steps == 0 else stride)
