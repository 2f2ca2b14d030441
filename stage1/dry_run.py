"""What a training of stage one would take, measured on some real steps of a training that is thrown away."""

import dataclasses
import itertools
import resource
import statistics
import sys
import time

import torch

from decouple.config.fields import Values
from decouple.datasets.data import TRAIN, VAL, Data
from decouple.datasets.settings import FILES
from decouple.device import restored_threads
from decouple.errors import ConfigError
from decouple.files.features import Features
from decouple.reporting.work_plan import TrainingPlan, WorkItem, WorkPlan
from stage1.feature_training import train_classifier_only
from stage1.prepare import image_side, load_for, make_training
from stage1.settings import Stage1Config
from stage1.trainer import EVALUATION_BATCH, Training, predict, train_epoch

MAX_STEPS = 12  # that are timed
MIN_STEPS = 3
TIME_LIMIT = 10.0  # seconds of timed steps


def stage1_work_plan(config: Stage1Config) -> WorkPlan:
    """Return what `decouple stage1` would do; nothing is written.

    Raises:
        DecoupleError: the settings are wrong, or the data cannot be read.
    """
    if config.resume:
        raise ConfigError("`dry_run` plans a new run; leave out `resume`")
    plan = plan_of(config)
    item = WorkItem(work="stage one", times=config.seeds, seconds=plan.seconds, training=plan)
    note = f"seconds from {MAX_STEPS} steps at most; reading the images, figures and saving come on top"
    return WorkPlan(settings=resolved_settings(config), items=(item,), notes=(note,))


@restored_threads()
def plan_of(config: Stage1Config, data: Data | None = None) -> TrainingPlan:
    """Return what one training takes; nothing is written and nothing downloaded.

    Time and memory are measured on the real batches: the first step, which allocates memory and chooses kernels, is not
    counted. Without compilation, and without pretrained weights that would have to be downloaded, which change neither.

    Args:
        config: settings of the training.
        data: images; None: those of the settings, decoded without their cache.

    Raises:
        DecoupleError: the settings are wrong, or the data cannot be read.
    """
    config = dataclasses.replace(_without_download(config), compile=False)
    data = load_without_writing(config) if data is None else data
    training = make_training(config, data)
    steps = training.steps_per_epoch
    on_gpu = training.totals.is_cuda
    if on_gpu:
        torch.cuda.reset_peak_memory_stats(training.batches.device)
    image_seconds = _time_evaluation(training)
    counts = {split: len(indices) for split, indices in data.splits.items()}
    held_out = sum(count for split, count in counts.items() if split != TRAIN)
    if config.train == "none":  # all features once, and then steps of the classifier alone
        step_seconds = _time_steps(train_classifier_only(training, _blank_features(training)))
        evaluated = counts[TRAIN] + held_out
    else:
        step_seconds = _time_steps(training)
        evaluated = config.epochs * counts.get(VAL, 0) + counts[TRAIN] + held_out * (2 if counts.get(VAL) else 1)
    return TrainingPlan(
        images=counts,
        classes=len(data.class_names),
        image_size=image_side(data),
        parameters=sum(parameter.numel() for parameter in training.network.parameters()),
        epochs=config.epochs,
        steps_per_epoch=steps,
        step_seconds=step_seconds,
        image_seconds=image_seconds,
        seconds=config.epochs * steps * step_seconds + evaluated * image_seconds,
        memory_mb=_peak_memory(training.batches.device),
        device=str(training.batches.device),
    )


def resolved_settings(config: Stage1Config) -> Values:
    """Return the settings as YAML holds them, with the defaults of warm-up and learning rate."""
    values = dataclasses.asdict(dataclasses.replace(config, warmup_epochs=config.warmup, lr=config.initial_lr))
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def load_without_writing(config: Stage1Config) -> Data:
    """Return the images of the settings; files are decoded, and neither cached nor downloaded."""
    return load_for(dataclasses.replace(config, download=False, no_image_cache=config.data in FILES))


def _without_download(config: Stage1Config) -> Stage1Config:
    return config.without_pretrained() if config.pretrained == "download" else config


def _blank_features(training: Training) -> dict[str, Features]:
    """Return zeros in the place of the features of every split: steps on them take as long."""
    data = training.batches.data
    width = training.network.classifier.weight.shape[1]
    return {
        split: Features(torch.zeros(len(indices), width), torch.from_numpy(data.labels[indices]))
        for split, indices in data.splits.items()
    }


def _time_steps(training: Training) -> float:
    """Return the median duration of a step in seconds, of the first one only where there is no other."""
    ends = [time.perf_counter()]

    def stop() -> bool:
        if training.totals.is_cuda:
            torch.cuda.synchronize(training.batches.device)
        ends.append(time.perf_counter())
        timed = len(ends) - 2  # without the first step
        return timed >= MAX_STEPS or (timed >= MIN_STEPS and ends[-1] - ends[1] > TIME_LIMIT)

    while train_epoch(training, lambda *_: None, stop) and training.epoch + 1 < training.config.epochs:
        training.epoch, training.step = training.epoch + 1, 0
        training.totals.zero_()
    durations = [end - start for start, end in itertools.pairwise(ends)]
    return statistics.median(durations[1:] or durations)


def _time_evaluation(training: Training) -> float:
    """Return the seconds that the network takes for an image without a step."""
    data = training.batches.data
    held_out = next((indices for split, indices in data.splits.items() if split != TRAIN and len(indices)), None)
    indices = (data.splits[TRAIN] if held_out is None else held_out)[: 2 * EVALUATION_BATCH]
    predict(training.network, training.batches, indices[:1])
    started = time.perf_counter()
    predict(training.network, training.batches, indices)  # which waits for the device
    return (time.perf_counter() - started) / len(indices)


def _peak_memory(device: torch.device) -> float:
    """Return the peak memory in MB: of the tensors on a GPU, or of this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e6
    unit = 1 if sys.platform == "darwin" else 1024  # bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
