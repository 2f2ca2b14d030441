"""The plan of a training: counts worked out by hand, time from steps that are thrown away, nothing written."""

import dataclasses
from itertools import accumulate, chain, repeat
from pathlib import Path

import pytest
import torch

from decouple.datasets.data import Data
from stage1 import dry_run
from stage1.dry_run import plan_of, resolved_settings, stage1_work_plan
from stage1.prepare import load_for, make_training
from stage1.settings import Stage1Config
from stage1.trainer import Training

CONFIG = Stage1Config(fraction=0.3, ratio=10, epochs=2, batch_size=16, device="cpu")


def test_the_plan_counts_what_a_training_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_run, "_time_steps", lambda _: 0.5)
    monkeypatch.setattr(dry_run, "_time_evaluation", lambda _: 0.01)
    training = make_training(CONFIG, load_for(CONFIG))
    plan = plan_of(CONFIG)
    counts = {split: len(indices) for split, indices in training.batches.data.splits.items()}
    assert plan.images == counts
    assert plan.steps == 2 * -(-counts["train"] // 16)
    assert plan.parameters == sum(tensor.numel() for tensor in training.network.parameters())
    assert (plan.classes, plan.image_size, plan.epochs, plan.device) == (10, 8, 2, "cpu")
    # Each epoch evaluates val; the last weights extract every split, the best ones val and test.
    evaluated = 2 * counts["val"] + sum(counts.values()) + counts["val"] + counts["test"]
    assert plan.seconds == pytest.approx(plan.steps * 0.5 + evaluated * 0.01)
    assert plan.memory_mb > 50  # torch alone takes more


def test_the_first_step_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    durations = chain([0.0, 100.0], repeat(2.0))
    times = accumulate(durations)
    monkeypatch.setattr("stage1.dry_run.time.perf_counter", lambda: next(times))
    training = make_training(CONFIG, load_for(CONFIG))
    assert dry_run._time_steps(training) == 2.0
    assert training.epoch * training.steps_per_epoch + training.step == 7  # 12 s are over after six timed steps


def test_short_trainings_are_measured_over_epochs() -> None:
    config = dataclasses.replace(CONFIG, batch_size=1000, epochs=5)
    training = make_training(config, load_for(config))
    assert training.steps_per_epoch == 1
    assert dry_run._time_steps(training) > 0
    assert training.epoch == 4


def test_nothing_is_written_and_random_numbers_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    state = torch.get_rng_state()
    stage1_work_plan(CONFIG)
    assert torch.equal(torch.get_rng_state(), state)
    assert list(tmp_path.iterdir()) == []


def test_resolved_settings_have_the_warm_up() -> None:
    assert resolved_settings(CONFIG)["warmup_epochs"] == 0
    assert resolved_settings(dataclasses.replace(CONFIG, epochs=30))["warmup_epochs"] == 5


def test_a_frozen_backbone_runs_once_over_the_images(monkeypatch: pytest.MonkeyPatch) -> None:
    timed: list[Training] = []

    def time_steps(training: Training) -> float:
        timed.append(training)
        return 0.5

    def make_without_weights(config: Stage1Config, data: Data) -> Training:
        assert (config.train, config.pretrained) == ("none", None)
        return make_training(CONFIG, data)

    monkeypatch.setattr(dry_run, "_time_steps", time_steps)
    monkeypatch.setattr(dry_run, "_time_evaluation", lambda _: 0.01)
    monkeypatch.setattr(dry_run, "make_training", make_without_weights)
    plan = plan_of(dataclasses.replace(CONFIG, model="resnet18", pretrained="download", train="none"), load_for(CONFIG))
    assert isinstance(timed[0].network.backbone, torch.nn.Identity)
    assert timed[0].batches.features["train"].stored.shape == (plan.images["train"], 64)
    assert plan.seconds == pytest.approx(plan.steps * 0.5 + sum(plan.images.values()) * 0.01)
