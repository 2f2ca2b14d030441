"""The contact sheet of predictions: images evenly spaced among all, with their classes."""

from pathlib import Path

import numpy as np

from decouple.deploy.decisions import Decisions
from decouple.deploy.image_batches import ImageBatch, Pixels

MAX_SHEET_IMAGES = 96


class Sheet:
    """Collects the pixels and captions of some images while all of them pass by.

    Args:
        num_images: of the pass; at most 96 of them are collected.
        class_names: (C,).
    """

    def __init__(self, num_images: int, class_names: tuple[str, ...]) -> None:
        self._names, self._total = class_names, num_images
        chosen = np.linspace(0, num_images - 1, min(num_images, MAX_SHEET_IMAGES)).round().astype(int)
        self._chosen = set(chosen.tolist())
        self._pixels: dict[int, Pixels] = {}
        self._captions: dict[int, str] = {}

    def add_pixels(self, batch: ImageBatch) -> None:
        """Keep the images of the sheet."""
        for row, position in enumerate(batch.positions):
            if position in self._chosen:
                self._pixels[position] = batch.pixels[row].copy()

    def add_decisions(self, positions: tuple[int, ...], decisions: Decisions) -> None:
        """Keep their captions."""
        for row, position in enumerate(positions):
            if position in self._chosen:
                name = "no class" if decisions.abstained[row] else self._names[decisions.classes[row, 0]]
                line = " ".join(name.split()) or "?"
                self._captions[position] = f"{line}\n{100 * decisions.probabilities[row, 0]:.0f} %"

    def write(self, path: Path, title: str) -> None:
        """Draw the sheet; at least one image must have been read."""
        from decouple.reporting.contact_sheet import contact_sheet

        positions = sorted(self._captions)
        images = np.stack([self._pixels[position] for position in positions])
        contact_sheet(
            images,
            [self._captions[position] for position in positions],
            path,
            f"{title}: {len(positions)} of {self._total:,} images",
        )
