"""What a command would do, as `--dry-run` prints it: settings, images, steps, parameters, seconds and memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from decouple.reporting.tables import rows_table
from decouple.reporting.terminal import Block


@dataclass(frozen=True, kw_only=True)
class TrainingPlan:
    """One training of stage one."""

    images: dict[str, int]  # split ->
    classes: int
    image_size: int  # pixels a side
    parameters: int  # weights of backbone and classifier
    epochs: int
    steps_per_epoch: int
    step_seconds: float  # median of measured steps, without the first one
    image_seconds: float  # the network alone, without a step
    seconds: float  # all epochs with their validation, and the features at the end
    memory_mb: float  # peak so far: of the process, or on a GPU of its tensors
    device: str

    @property
    def steps(self) -> int:
        """Optimiser steps."""
        return self.epochs * self.steps_per_epoch


@dataclass(frozen=True, kw_only=True)
class WorkItem:
    """A part of the work, and how often it is done."""

    work: str
    times: int
    seconds: float | None  # each time; None where it was not measured
    training: TrainingPlan | None = None


@dataclass(frozen=True, kw_only=True)
class WorkPlan:
    """What `--dry-run` prints."""

    settings: dict[str, object]  # resolved, as `--config` reads them
    items: tuple[WorkItem, ...]
    processes: int = 1  # that share the work
    notes: tuple[str, ...] = field(default_factory=tuple)

    @property
    def seconds(self) -> float:
        """Seconds of all measured work, shared by the processes."""
        return sum(item.times * (item.seconds or 0.0) for item in self.items) / self.processes


@dataclass(frozen=True, kw_only=True)
class PlanRecord:
    """What `--dry-run --json` prints."""

    plan: WorkPlan
    seconds: float


def plan_record(plan: WorkPlan) -> PlanRecord:
    """Return the plan with its seconds in all."""
    return PlanRecord(plan=plan, seconds=plan.seconds)


def plan_rows(plan: WorkPlan) -> list[dict[str, object]]:
    """Return a row for each part of the work."""
    return [_row(item) for item in plan.items]


def plan_blocks(plan: WorkPlan) -> list[Block]:
    """Return the settings as YAML, the work as a table, and what it takes in all."""
    settings = yaml.safe_dump(plan.settings, sort_keys=False, allow_unicode=True).rstrip()
    shared = f" in {plan.processes} processes" if plan.processes > 1 else ""
    lines = [f"about {duration_text(plan.seconds)} in all{shared}"]
    trainings = [item.training for item in plan.items if item.training is not None]
    if trainings:
        measured = trainings[0]
        images = ", ".join(f"{split} {count:,}" for split, count in measured.images.items())
        kind = "of the process" if measured.device == "cpu" else "of tensors on the GPU"
        memory = max(training.memory_mb for training in trainings)
        lines += [f"images: {images}", f"device: {measured.device}; peak memory {kind} so far {memory:,.0f} MB"]
    lines += [*plan.notes, "nothing was written"]
    return [settings, "", rows_table(_shown_rows(plan.items), best=None), *lines]


def duration_text(seconds: float) -> str:
    """Return a duration in the two largest units that fit.

    Example:
        >>> duration_text(0.04), duration_text(75), duration_text(7_260)
        ('40 ms', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _shown_rows(items: Sequence[WorkItem]) -> list[Mapping[str, object]]:
    return [
        {
            **{key: value for key, value in _row(item).items() if key not in ("step_seconds", "seconds")},
            "ms/step": None if item.training is None else 1000 * item.training.step_seconds,
            "each": "-" if item.seconds is None else duration_text(item.seconds),
        }
        for item in items
    ]


def _row(item: WorkItem) -> dict[str, object]:
    training = item.training
    row: dict[str, object] = {"work": item.work, "times": item.times}
    if training is not None:
        row |= {
            "classes": training.classes,
            "images": training.images["train"],
            "pixels": training.image_size,
            "parameters": training.parameters,
            "epochs": training.epochs,
            "steps": training.steps,
            "step_seconds": training.step_seconds,
        }
    return {**row, "seconds": item.seconds}
