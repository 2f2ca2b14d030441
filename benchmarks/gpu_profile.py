"""Where the time of a training epoch goes, as torch's profiler sees it."""

import time

from torch._C._autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from benchmarks.table import Row
from stage1.trainer import Training, train_epoch

MAX_KERNELS = 8  # kernels


def profile_rows(training: Training) -> list[Row]:
    """Train for an epoch; return how much of the wall time the device works, and the kernels that take most of it."""
    cuda = training.batches.device.type == "cuda"
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if cuda else [])]) as profiler:
        started = time.perf_counter()
        train_epoch(training, lambda *_: None, lambda: False)
        wall = time.perf_counter() - started
    training.epoch, training.step = training.epoch + 1, 0
    training.totals.zero_()
    if cuda:
        events = [event for event in profiler.key_averages() if event.device_type == DeviceType.CUDA]
        spent = {event.key: (event.self_device_time_total, event.count) for event in events}
    else:
        spent = {event.key: (event.self_cpu_time_total, event.count) for event in profiler.key_averages()}
    return [_row("the device is at work", spent, wall), *_dearest(spent, wall)]


def _dearest(spent: dict[str, tuple[float, int]], wall: float) -> list[Row]:
    names = sorted(spent, key=lambda name: spent[name][0], reverse=True)[:MAX_KERNELS]
    return [_row(name[:70], {name: spent[name]}, wall) for name in names]


def _row(name: str, spent: dict[str, tuple[float, int]], wall: float) -> Row:
    microseconds, calls = (sum(event[index] for event in spent.values()) for index in (0, 1))
    return {
        "what": f"profile: {name}",
        "ours (s)": microseconds / 1e6,
        "% of a profiled epoch": microseconds / 1e4 / wall,
        "calls": calls,
        "bar": None,
    }
