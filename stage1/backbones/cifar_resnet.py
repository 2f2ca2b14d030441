"""ResNets for small images: three stages of 16, 32 and 64 channels."""

import torch.nn.functional as F
from torch import Tensor, nn

from decouple.checks import require_whole

DEPTHS = {"resnet20": 3, "resnet32": 5, "resnet44": 7, "resnet56": 9}  # blocks in each of the three stages


class CifarResNet(nn.Module):
    """A residual network of 6 b + 2 layers, b blocks in a stage, with shortcuts that have no weights (option A).

    Images of any size from 4 x 4 up; features are the spatial mean of the last stage, 64 wide.

    Source: He et al., CVPR 2016, arXiv:1512.03385, section 4.2.
    Use: images of up to about 64 pixels; papers on long-tailed CIFAR report resnet32.

    Args:
        blocks_per_stage: b, 1 or more.

    Raises:
        ConfigError: b is outside its range.

    Example:
        >>> import torch
        >>> CifarResNet(3)(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 64])
    """

    def __init__(self, blocks_per_stage: int) -> None:
        super().__init__()
        require_whole("blocks_per_stage", blocks_per_stage, at_least=1, usual="5, of resnet32, is usual")
        self.num_features, self.blocks_per_stage = 64, blocks_per_stage
        self.stem = nn.Sequential(_conv(3, 16, 1), nn.BatchNorm2d(16), nn.ReLU(inplace=True))
        stages: list[nn.Module] = []
        inputs = 16
        for outputs, stride in ((16, 1), (32, 2), (64, 2)):
            for block in range(blocks_per_stage):
                stages.append(_Block(inputs, outputs, stride if block == 0 else 1))
                inputs = outputs
        self.stages = nn.Sequential(*stages)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, images: Tensor) -> Tensor:
        """Return features: images (B, 3, H, W) -> (B, 64)."""
        maps: Tensor = self.stages(self.stem(images))
        return maps.mean(dim=(2, 3))

    def last_block(self) -> frozenset[str]:
        """Return the names of the parameters of the last stage."""
        first = len(self.stages) - self.blocks_per_stage
        names = (name for name, _ in self.named_parameters())
        return frozenset(name for name in names if name.startswith("stages.") and int(name.split(".")[1]) >= first)


class _Block(nn.Module):
    """Two 3 x 3 convolutions around a shortcut that subsamples and pads the new channels with zeros."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.stride, self.new_channels = stride, outputs - inputs
        self.conv1, self.norm1 = _conv(inputs, outputs, stride), nn.BatchNorm2d(outputs)
        self.conv2, self.norm2 = _conv(outputs, outputs, 1), nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)  # new memory would cost more than the operation

    def forward(self, maps: Tensor) -> Tensor:
        residual = self.norm2(self.conv2(self.relu(self.norm1(self.conv1(maps)))))
        shortcut = maps[:, :, :: self.stride, :: self.stride] if self.stride > 1 else maps
        if self.new_channels:
            before = self.new_channels // 2
            shortcut = F.pad(shortcut, (0, 0, 0, 0, before, self.new_channels - before))
        residual += shortcut
        output: Tensor = self.relu(residual)
        return output


def _conv(inputs: int, outputs: int, stride: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel_size=3, stride=stride, padding=1, bias=False)
