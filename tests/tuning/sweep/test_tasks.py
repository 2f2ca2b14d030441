"""From a file to its tasks: layers of settings, cells, seeds, pools and the order of dependent cells."""

from pathlib import Path

from tests.tuning.sweep.example_grid import FILE
from tuning.sweep.cells import SweepTask, TauSource
from tuning.sweep.grid_file import read_grid_file
from tuning.sweep.tasks import grid_tasks


def _tasks(folder: Path, text: str, profile: str = "full") -> dict[str, SweepTask]:
    """Return the tasks by the name of the first cell, without the method."""
    (folder / "g.yaml").write_text(text)
    tasks = grid_tasks(read_grid_file(folder / "g.yaml", profile), folder / "runs")
    return {task.cells[0].name.split("/")[0] + ("+" if task.after else ""): task for task in tasks}


def test_recipe_defaults_entry_data_and_override_in_this_order(tmp_path: Path) -> None:
    tasks = _tasks(tmp_path, FILE)
    gcl_a, ce_a, ce_b = (tasks[f"{name}-s0"].config for name in ("a-gcl", "a-ce", "b-ce"))
    assert (gcl_a.loss, gcl_a.mix, gcl_a.schedule, gcl_a.milestones) == ("gcl", "mixup", "multistep", (160, 180))
    assert gcl_a.epochs == 40  # recipe 200, defaults 20, data entry 40
    assert [config.lr for config in (gcl_a, ce_a, ce_b)] == [0.1, 0.2, 0.4]
    assert (ce_b.epochs, ce_b.loss, ce_b.mix, ce_b.profile, ce_b.ratio) == (20, "ce", "none", "step", 10)
    crt_a, crt_b = (
        next(cell.settings for cell in tasks[name].cells if cell.stage2 == "crt-x") for name in ("a-ce-s0", "b-ce-s0")
    )
    assert (crt_a.lr, crt_a.epochs, crt_a.batch_size, crt_a.sampler) == (0.02, 3, 64, "cben")
    assert crt_b.lr == 0.03


def test_seeds_are_the_fewest_and_excluded_cells_are_gone(tmp_path: Path) -> None:
    tasks = _tasks(tmp_path, FILE)
    assert sorted(tasks) == ["a-ce-s0", "a-ce-s2", "a-gcl-s0", "a-gcl-s1", "a-gcl-s2", "b-ce-s0", "b-gcl-s0"]
    assert [cell.stage2 for cell in tasks["b-gcl-s0"].cells] == ["crt-x"]
    only = _tasks(tmp_path, FILE.replace("cells: {", "cells: {only: [{stage1: ce, stage2: tau}], "))
    assert {cell.name for task in only.values() for cell in task.cells} == {
        "a-ce-s0/tau", "a-ce-s2/tau", "b-ce-s0/tau"
    }  # fmt: skip


def test_entries_alone_may_give_the_seeds(tmp_path: Path) -> None:
    text = FILE.replace("seeds: 3", "").replace("seeds: 1", "seeds: 2").replace("seeds: [0, 2]", "seeds: 3")
    assert sorted(_tasks(tmp_path, text)) == [
        "a-ce-s0", "a-ce-s1", "a-ce-s2", "a-gcl-s0", "b-ce-s0", "b-ce-s1", "b-gcl-s0", "b-gcl-s1"
    ]  # fmt: skip


def test_a_pool_names_runs_and_results_after_their_settings(tmp_path: Path) -> None:
    text = FILE.replace("name: grid", "name: grid\npool: shared")
    first = _tasks(tmp_path, text)
    renamed = text.replace("{name: ce,", "{name: plain,").replace("stage1: ce", "stage1: plain")
    second = _tasks(tmp_path, renamed.replace("name: grid", "name: other"))
    one, two = first["a-ce-s2"], second["a-plain-s2"]
    assert one.run == two.run
    assert one.run.parent == tmp_path / "runs" / "shared"
    assert one.run.name.startswith("cifar10-exp100-ce-")
    assert one.run.name.endswith("-s2")
    assert [cell.entry for cell in one.cells] == [cell.entry for cell in two.cells]
    assert one.cells[1].entry.startswith("crt-")
    assert (one.cells[0].folder.name, two.cells[0].folder.name) == ("grid", "other")
    changed = _tasks(tmp_path, text.replace("lr: 0.2", "lr: 0.3"))["a-ce-s2"]
    assert changed.run != one.run


def test_two_entries_of_the_same_settings_are_one_run_of_a_pool(tmp_path: Path) -> None:
    text = "name: x\npool: p\nstage1: [{name: one}, {name: two}]\nstage2: [{method: none}, {method: tau}]"
    (task,) = _tasks(tmp_path, text).values()
    assert [cell.name for cell in task.cells] == [
        "digits-one-s0/none", "digits-one-s0/tau", "digits-two-s0/none", "digits-two-s0/tau"
    ]  # fmt: skip


TAU = """
name: x
stage1: [{name: ce}, {name: tuned, tune: {trials: 3}}]
stage2:
  - {name: of-tuned, method: tau, tau_from: {stage1: tuned, stage2: fifth}}
  - {name: fifth, method: tau, tau_from: held-out}
"""


def test_a_cell_waits_for_the_one_that_its_tau_is_chosen_in(tmp_path: Path) -> None:
    tasks = _tasks(tmp_path, TAU)
    assert list(tasks) == ["digits-ce-s0", "digits-tuned-s0", "digits-ce-s0+"]
    assert tasks["digits-ce-s0+"].after == {tmp_path / "runs" / "x" / "digits-tuned-s0"}
    assert [cell.stage2 for cell in tasks["digits-tuned-s0"].cells] == ["of-tuned", "fifth"]
    assert {cell.tau_from for cell in tasks["digits-ce-s0+"].cells} == {TauSource("digits-tuned-s0", "fifth", "last")}
    step = tasks["digits-tuned-s0"].tune
    assert step is not None
    assert (step.trials, step.search, tasks["digits-ce-s0"].tune) == (3, "weight-decay", None)
