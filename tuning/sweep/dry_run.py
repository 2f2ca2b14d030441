"""What a sweep would take: each entry of its grid measured once, times the seeds that are not done."""

import dataclasses
from pathlib import Path

from decouple.config.yaml_file import read_yaml
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FINISHED
from decouple.reporting.work_plan import WorkItem, WorkPlan
from stage1.dry_run import plan_of
from tuning.sweep.cells import SweepTask
from tuning.sweep.plan import checked_plan, unfinished_tasks
from tuning.sweep.settings import SweepConfig


def sweep_plan(config: SweepConfig) -> WorkPlan:
    """Return what a sweep would do; nothing is written.

    Raises:
        DecoupleError: something in the file is wrong, or the data of an entry cannot be read.
    """
    plan = checked_plan(config)
    unfinished = unfinished_tasks(plan, retry=config.retry)
    cells = sum(len(task.cells) for task in unfinished)
    pending: dict[str, list[SweepTask]] = {}
    for task in unfinished:
        pending.setdefault(f"{task.cells[0].data}, {task.cells[0].stage1}", []).append(task)
    items = [_item(name, entries, config.device) for name, entries in pending.items()]
    workers = plan.workers
    on_gpu = any(item.training is not None and item.training.device != "cpu" for item in items)
    notes = [f"stage two of {cells} cells comes on top"]
    if workers > 1 and not on_gpu:
        notes.append(f"{workers} processes share the processor: the time is that of one")
    settings: dict[str, object] = {"sweep": dataclasses.asdict(config), "file": read_yaml(Path(str(config.file)))}
    return WorkPlan(settings=settings, items=tuple(items), processes=workers if on_gpu else 1, notes=tuple(notes))


def _item(name: str, tasks: list[SweepTask], device: str) -> WorkItem:
    plan = plan_of(dataclasses.replace(tasks[0].config, device=device))
    unfinished = [task for task in tasks if not _is_trained(task)]
    return WorkItem(work=name, times=len(unfinished), seconds=plan.seconds, training=plan)


def _is_trained(task: SweepTask) -> bool:
    run = RunDir(task.run)
    return run.manifest.exists() and run.read_manifest().status == FINISHED
