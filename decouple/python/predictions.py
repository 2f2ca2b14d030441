"""Predictions of images as an object."""

from dataclasses import dataclass

import pandas as pd

from decouple.deploy.prediction_table import Columns

MAX_SHOWN = 3  # predictions in the short form


@dataclass(frozen=True)
class Predictions:
    """The classes of images.

    Attributes:
        columns: what `decouple predict` writes: column -> values, one for each image that could be read.
        unreadable: name of an image that was left out -> reason.
    """

    columns: Columns
    unreadable: dict[str, str]

    @property
    def classes(self) -> list[str | None]:
        """The class of each image; None where the classifier abstains."""
        return [None if name is None else str(name) for name in self.columns["class"]]

    @property
    def probabilities(self) -> list[float]:
        """The probability of the most probable class of each image."""
        return [float(str(value)) for value in self.columns["probability"]]

    def frame(self) -> pd.DataFrame:
        """Return a row for each image: path, class, probability, margin, the five most probable classes, the set."""
        return pd.DataFrame(self.columns)

    def __len__(self) -> int:
        return len(self.columns["path"])

    def __repr__(self) -> str:
        shown = [
            f"{name or 'no class'} {probability:.2f}"
            for name, probability in zip(self.classes[:MAX_SHOWN], self.probabilities, strict=False)
        ]
        more = ", ..." if len(self) > MAX_SHOWN else ""
        skipped = f"; {len(self.unreadable)} unreadable" if self.unreadable else ""
        return f"Predictions({len(self):,} images: {', '.join(shown)}{more}{skipped})"
