"""The network of a finished run, from its folder alone: no image is needed."""

import torch

from decouple.config.settings_yaml import from_yaml
from decouple.device import choose_device
from decouple.errors import RunError
from decouple.files.json_records import parse_record
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FEATURES
from decouple.files.tensor_files import read_metadata
from decouple.files.weights_metadata import WeightsMetadata
from decouple.precision import uses_bf16
from stage1.checkpoint import load_weights
from stage1.network import Network, make_network
from stage1.settings import Stage1Config


def load_network(run: RunDir, checkpoint: str = "last", *, device: str = "auto", precision: str = "auto") -> Network:
    """Return backbone and classifier of a run in evaluation mode, on the device.

    Args:
        run: a run of stage one.
        checkpoint: weights, last or best.
        device: auto, cpu, cuda or cuda:N.
        precision: of the backbone: fp32, bf16, or auto: bf16 if the hardware has it.

    Raises:
        RunError: the run was made of features and has no network, or its weights are missing or damaged.
        ConfigError: no such device, or bf16 without hardware for it.
    """
    data = run.read_data()
    if run.read_manifest().kind == FEATURES or data.image_size is None:
        raise RunError(f"{run.path} was made of features: it has no network that could read images")
    path = run.weights(checkpoint)
    metadata = parse_record(WeightsMetadata, read_metadata(path), path)
    config = from_yaml(Stage1Config, run.config).without_pretrained()
    target = choose_device(device)
    bf16 = uses_bf16(precision, target)
    network = make_network(
        config, data.image_size, len(data.class_names), metadata.classifier, metadata.scale, bf16=bf16
    )
    load_weights(path, network)
    return network.eval().to(target).to(memory_format=torch.channels_last)
