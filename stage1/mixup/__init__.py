"""The batch augmentations by name: ``BATCH_AUGMENTATIONS[name](class_counts, **options)``.

Each is called as ``augment(images, labels, rng)`` and returns a `stage1.mixup.mixed_batch.MixedBatch`.
"""

from stage1.mixup.cutmix import CutMix
from stage1.mixup.mixup import Mixup
from stage1.mixup.remix import Remix

BatchAugmentation = Mixup | CutMix | Remix

BATCH_AUGMENTATIONS: dict[str, type[BatchAugmentation]] = {"mixup": Mixup, "cutmix": CutMix, "remix": Remix}
