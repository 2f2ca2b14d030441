"""Used as a library, the toolkit prints nothing and leaves the process as it was: torch, numpy, matplotlib and so on.

The checks run in a process of their own, since modules that other tests have imported might hide a change.
"""

import contextlib
import gc
import io
import locale
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
import optuna
import sklearn.ensemble  # noqa: F401  it sets variables of the environment when it is imported
import torch
import torch._inductor.utils
from PIL import Image, ImageFile

State = dict[str, object]


def test_nothing_is_printed_and_nothing_stays_changed(tmp_path: Path) -> None:
    command = [sys.executable, __file__, str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def set_unusual_values() -> None:
    """Change what a user may have changed, away from the defaults and from what the toolkit might set."""
    torch.set_num_threads(3)
    torch.manual_seed(1)
    np.random.seed(1)
    random.seed(1)
    matplotlib.rcParams["font.size"] = 13.0
    optuna.logging.set_verbosity(optuna.logging.INFO)
    warnings.filterwarnings("ignore", message="a filter of the user")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)


def state() -> State:
    """Return what a library might change in a process, in a form that can be compared."""
    return {**_python_state(), **_torch_state(), **_state_of_other_libraries()}


def _python_state() -> State:
    root = logging.getLogger()
    return {
        "environment": dict(os.environ),
        "working folder": os.getcwd(),
        "search path": list(sys.path),
        "hooks": (sys.excepthook, sys.unraisablehook, threading.excepthook, sys.displayhook),
        "streams": [(stream, getattr(stream, "errors", None)) for stream in (sys.stdin, sys.stdout, sys.stderr)],
        "signal handlers": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "warnings": [
            (variant, str(text), category, str(module), line)
            for variant, text, category, module, line in warnings.filters
        ],
        "root logger": (root.level, list(root.handlers)),
        "threads": threading.active_count(),
        "garbage collector": (gc.isenabled(), gc.get_threshold()),
        "recursion limit": sys.getrecursionlimit(),
        "locale": locale.setlocale(locale.LC_ALL),
        "random": random.getstate(),
    }


def _torch_state() -> State:
    backends = torch.backends
    state: State = {
        "torch threads": (torch.get_num_threads(), torch.get_num_interop_threads()),
        "torch generator": torch.get_rng_state().tolist(),
        "torch types": (torch.get_default_dtype(), torch.get_default_device()),
        "autocast": [(torch.is_autocast_enabled(name), torch.get_autocast_dtype(name)) for name in ("cpu", "cuda")],
        "gradients": (torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.is_anomaly_enabled()),
        "deterministic": (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
        ),
        "matmul precision": torch.get_float32_matmul_precision(),
        "cudnn": (backends.cudnn.enabled, backends.cudnn.benchmark, backends.cudnn.deterministic),
        "tf32": (backends.cudnn.allow_tf32, backends.cuda.matmul.allow_tf32),
        "mkldnn": backends.mkldnn.enabled,
    }
    if torch.cuda.is_available():
        state["CUDA generators"] = [generator.tolist() for generator in torch.cuda.get_rng_state_all()]
    return state


def _state_of_other_libraries() -> State:
    return {
        "numpy": (np.geterr(), np.get_printoptions()),
        "numpy generator": str(np.random.get_state()),
        "matplotlib backend": dict.__getitem__(matplotlib.rcParams, "backend"),  # unresolved as it may be
        "matplotlib settings": {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"},
        "optuna": optuna.logging.get_verbosity(),
        "Pillow": (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES),
    }


def changes(before: State, after: State) -> list[str]:
    """Return what differs, in at most a few lines each."""
    return [
        f"{name}: {str(before[name])[:500]} -> {str(after[name])[:500]}"
        for name in before
        if before[name] != after[name]
    ]


def train_and_search(runs: str) -> None:
    """Train, fit every method on the features, and search tau."""
    # Imported here, so that a change that an import makes is noticed too.
    from stage1.run import start_run
    from stage1.settings import Stage1Config
    from stage2.run_methods import run_stage2
    from stage2.settings import Stage2Config
    from tuning.settings import TauConfig
    from tuning.tau import tune_tau

    run = start_run(Stage1Config(fraction=0.5, epochs=1, loss="gcl", mix="mixup", runs=runs, name="guest"))
    run_stage2(run, Stage2Config(method="all", epochs=1))
    tune_tau(run, TauConfig(trials=2))


def search_evaluate_and_draw(runs: str) -> None:
    """Do what the rest of the commands do with the run that `train_and_search` has made."""
    from decouple.cli import main
    from decouple.datasets.load import load_data
    from decouple.datasets.settings import DataConfig
    from decouple.files.run_lookup import find_run
    from decouple.memory import keep_freed_memory
    from decouple.reporting.run_figures import draw_stage1, draw_stage2
    from decouple.reporting.search_figures import draw_search
    from tuning.settings import Stage2SearchConfig, WeightDecayConfig
    from tuning.stage2 import tune_stage2
    from tuning.weight_decay import tune_weight_decay

    run = find_run("guest", runs)
    load_data(DataConfig(data="glyphs", classes=2, max_count=4, ratio=2))
    tune_stage2(run, Stage2SearchConfig(trials=6, epochs_low=1, epochs_high=2))
    tune_weight_decay(run, WeightDecayConfig(trials=2, epochs=1, no_retrain=True))
    draw_stage1(run)
    draw_stage2(run, "last", ["crt", "tau"])
    draw_search(run, "weight-decay")
    with contextlib.redirect_stdout(io.StringIO()) as displayed:
        assert main(["evaluate", "--run", "guest", "--runs", runs]) == 0
    assert "balanced" in displayed.getvalue()
    assert keep_freed_memory.cache_info().currsize == 0  # its setting could not be undone


def in_a_thread(work: Callable[[], None]) -> None:
    """Call `work` outside the main thread, and raise what it raises."""
    errors: list[BaseException] = []

    def call() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


def check(folder: str) -> None:
    """Use the library in the main thread and in another one, and compare the states."""
    set_unusual_values()
    before = state()
    train_and_search(folder)
    search_evaluate_and_draw(folder)
    differences = changes(before, state())
    assert not differences, differences
    in_a_thread(lambda: train_and_search(os.path.join(folder, "thread")))
    differences = changes(before, state())
    assert not differences, differences


if __name__ == "__main__":
    check(sys.argv[1])
