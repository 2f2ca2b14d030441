import json
import platform
import sys

import numpy as np
import pytest
import torch

from decouple import environment
from decouple.environment import describe_environment


def test_what_a_result_depends_on_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["decouple", "stage1", "--epochs", "2"])
    found = json.loads(json.dumps(describe_environment(torch.device("cpu"))))
    assert found["command"] == ["decouple", "stage1", "--epochs", "2"]
    assert found["python"] == platform.python_version()
    assert found["packages"]["numpy"] == np.__version__
    assert found["torch_build"] == torch.__version__
    assert found["device"] == "cpu"
    assert found["threads"] == torch.get_num_threads()


def test_a_package_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "PACKAGES", ("no-such-package-anywhere",))
    assert describe_environment(torch.device("cpu"))["packages"] == {"no-such-package-anywhere": None}


def test_a_cuda_device_goes_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"card {device.index}")
    assert describe_environment(torch.device("cuda:1"))["device"] == "card 1"
