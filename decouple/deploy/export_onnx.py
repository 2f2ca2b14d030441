"""Export as ONNX: one file, a batch of any size, checked by onnxruntime. Needs the extra `export`."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import nn

from decouple.deploy.export_check import Outputs, check_outputs
from decouple.deploy.export_module import INPUT, OUTPUTS
from decouple.deploy.export_source import ExportSource
from decouple.errors import DecoupleError

MAX_BYTES = 2**31 - 2**20  # of weights; protobuf, the container of ONNX, ends at 2 GiB
_ERRORS_ONLY = 3  # severity of onnxruntime's log


def write(source: ExportSource, target: Path) -> float:
    """Write the file and return the largest difference between onnxruntime and PyTorch.

    Raises:
        DecoupleError: the weights do not fit into one file, or the difference is above 1e-4.
    """
    _require_one_file(source.module)
    pixels = torch.from_numpy(source.examples.pixels)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of the exporter, about itself
        program = torch.onnx.export(
            source.module,
            (pixels,),
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            input_names=[INPUT],
            output_names=list(OUTPUTS),
            external_data=False,
            verbose=False,
        )
    assert program is not None  # as `dynamo` is on
    program.model.metadata_props.update(source.record.as_texts())
    program.save(target, external_data=False)
    onnx.checker.check_model(str(target))
    return check_outputs(source, _in_onnxruntime(target), "onnxruntime")


def _require_one_file(module: nn.Module) -> None:
    tensors = [*module.parameters(), *module.buffers()]
    size = sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    if size > MAX_BYTES:
        raise DecoupleError(
            f"the weights take {size / 1e9:.1f} GB, and an ONNX file holds less than 2 GiB; use `format=pt2`"
        )


def _in_onnxruntime(path: Path) -> Callable[[NDArray[np.uint8]], Outputs]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda pixels: session.run(list(OUTPUTS), {INPUT: pixels})
