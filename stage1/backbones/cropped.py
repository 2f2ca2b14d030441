"""Convolutions without the part of the kernel that only meets padding, for deep networks on small images."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

InputSizes = dict[nn.Conv2d, set[tuple[int, int]]]  # heights and widths of the inputs of each convolution


class CroppedConv2d(nn.Conv2d):
    """A convolution that uses a part of its `weight` (O, C, K, K); the rest would only meet padding.

    The results are those of the full kernel, and it is faster.
    """

    used: tuple[slice, slice]  # of the kernel's rows and columns
    remaining_padding: tuple[int, int]

    def forward(self, images: Tensor) -> Tensor:
        """Return (B, O, H', W') of images (B, C, H, W)."""
        weight = self.weight[:, :, self.used[0], self.used[1]]
        return F.conv2d(images, weight, self.bias, self.stride, self.remaining_padding, self.dilation, self.groups)


@dataclass(frozen=True)
class _Axis:
    """A convolution along one axis of its input."""

    used: slice  # the taps of the kernel that touch the image
    padding: int  # that these taps need
    stride: int


@contextmanager
def recorded_input_sizes(body: nn.Module, types: Sequence[type[nn.Conv2d]] = (nn.Conv2d,)) -> Iterator[InputSizes]:
    """Record the input sizes of convolutions while `body` runs; `types`: those that pad as their attribute says."""
    sizes: InputSizes = {}

    def record(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        assert isinstance(module, nn.Conv2d)
        sizes.setdefault(module, set()).add((inputs[0].shape[-2], inputs[0].shape[-1]))

    hooks = [module.register_forward_pre_hook(record) for module in body.modules() if type(module) in types]
    try:
        yield sizes
    finally:
        for hook in hooks:
            hook.remove()


def crop_kernels(input_sizes: InputSizes) -> None:
    """Crop, in place, kernels that reach beyond the image, and strides that leave the image with the first step.

    Results stay the same. oneDNN's convolutions in bfloat16 need it (3.13, torch 2.15, processors with avx512_bf16):
    they do not write the gradient of kernels that reach beyond the image by more than its side, or whose stride is
    longer than it, so that weights become uninitialized memory; and some kernels as wide as image and stride give
    wrong results. Kernels of subclasses, which may change them before they are used, are not cropped.
    """
    for conv, sizes in input_sizes.items():
        if isinstance(conv.padding, str) or conv.padding_mode != "zeros" or conv.dilation != (1, 1) or len(sizes) > 1:
            continue
        (size,) = sizes
        full = type(conv) is not nn.Conv2d
        rows, columns = (
            _crop_axis(*axis, full) for axis in zip(size, conv.kernel_size, conv.stride, conv.padding, strict=True)
        )
        conv.stride = (rows.stride, columns.stride)
        if (rows.used, columns.used) != tuple(slice(0, length) for length in conv.kernel_size):
            conv.__class__ = CroppedConv2d  # keeps hooks, names and parameters
            assert isinstance(conv, CroppedConv2d)
            conv.used, conv.remaining_padding = (rows.used, columns.used), (rows.padding, columns.padding)


def _crop_axis(side: int, kernel: int, stride: int, padding: int, full: bool) -> _Axis:
    """Return the used taps along an axis; the full kernel if none of it touches, or it would need uneven padding."""
    steps = (side + 2 * padding - kernel) // stride  # from the first position of the kernel to its last
    first, end = max(0, padding - steps * stride), min(kernel, side + padding)
    remaining = padding - first
    room = side + 2 * remaining - (end - first)
    if full or end <= first or room // stride != steps:
        first, end, remaining, room = 0, kernel, padding, side + 2 * padding - kernel
    return _Axis(slice(first, end), remaining, room + 1 if steps == 0 else stride)
