"""The mixings by name: ``MIXINGS[name](class_counts, **options)``, called as ``mix(images, labels, rng)``."""

from stage1.mixup.cutmix import CutMix
from stage1.mixup.mixup import Mixup
from stage1.mixup.remix import Remix

Mixing = Mixup | CutMix | Remix

MIXINGS: dict[str, type[Mixing]] = {"mixup": Mixup, "cutmix": CutMix, "remix": Remix}
