import json
import platform
import sys

import numpy as np
import pytest
import torch

from decouple import environment
from decouple.environment import describe_environment
from decouple.files.json_records import record_to_json


def test_what_a_result_depends_on_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["decouple", "stage1", "--epochs", "2"])
    environment = json.loads(json.dumps(record_to_json(describe_environment(torch.device("cpu")))))
    assert environment["command"] == ["decouple", "stage1", "--epochs", "2"]
    assert environment["python"] == platform.python_version()
    assert environment["packages"]["numpy"] == np.__version__
    assert environment["torch_build"] == torch.__version__
    assert environment["device"] == "cpu"
    assert environment["threads"] == torch.get_num_threads()


def test_a_package_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "PACKAGES", ("no-such-package-anywhere",))
    assert describe_environment(torch.device("cpu")).packages == {"no-such-package-anywhere": None}


def test_a_cuda_device_goes_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"card {device.index}")
    assert describe_environment(torch.device("cuda:1")).device == "card 1"
