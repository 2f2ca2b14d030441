"""Export as `.pt2` of torch.export: one file, a batch of any size, for PyTorch without this package."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from decouple.deploy.export_check import Outputs, check_outputs
from decouple.deploy.export_source import ExportSource

METADATA = "metadata.json"  # the extra file inside that holds the metadata


def write(source: ExportSource, target: Path) -> float:
    """Write the file and return the largest difference between it, loaded again, and PyTorch.

    Raises:
        DecoupleError: the difference is above 1e-4.
    """
    pixels = torch.from_numpy(source.examples.pixels)
    with torch.no_grad():
        program = torch.export.export(source.module, (pixels,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    with target.open("wb") as file:  # a path would have to end in .pt2
        torch.export.save(program, file, extra_files={METADATA: source.record.as_json()})
    with target.open("rb") as written:
        loaded = torch.export.load(written).module()

    @torch.no_grad()
    def outputs(pixels: NDArray[np.uint8]) -> Outputs:
        return [output.numpy() for output in loaded(torch.from_numpy(pixels))]

    return check_outputs(source, outputs, "the file")
