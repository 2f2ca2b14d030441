import dataclasses
from pathlib import Path

import pytest
import torch

from decouple.errors import RunError
from decouple.files.json_records import write_record
from decouple.files.run_dir import RunDir
from stage1.checkpoint import load_weights
from stage1.run import open_training
from stage1.saved_network import load_network


def test_the_network_is_that_of_the_run(runs: Path) -> None:
    run = RunDir(runs / "base")
    training = open_training(run, device="cpu")
    load_weights(run.weights("last"), training.network)
    (images, _), *_ = training.batches.clean(training.train[:5], 5)
    training.network.bf16 = False
    with torch.no_grad():
        expected = training.network.eval()(images)[0]
        logits = load_network(run, device="cpu", precision="fp32")(images)[0]
    torch.testing.assert_close(logits, expected)


def test_no_network_in_a_run_of_features(runs: Path) -> None:
    run = RunDir(runs / "base")
    write_record(run.manifest, dataclasses.replace(run.read_manifest(), kind="features"))
    with pytest.raises(RunError, match="was made of features"):
        load_network(run)
