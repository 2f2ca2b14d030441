"""The profiles of `--profile-run`."""

from pathlib import Path

import pytest

from decouple.errors import ConfigError
from tuning.sweep.cells import SweepTask
from tuning.sweep.grid import SweepGrid
from tuning.sweep.grid_file import read_grid_file
from tuning.sweep.settings_layers import merge_layers, scale_epochs
from tuning.sweep.tasks import grid_tasks

FILE = """
name: grid
pool: shared
data:
  - {name: c10, data: cifar10, root: data, profile: step, ratio: 100}
  - {name: c100, data: cifar100, ratio: 5}
stage1: [{config: gcl}, {name: ce, epochs: 90, warmup_epochs: 9, tune: {trials: 12}}]
stage2: [{method: none}, {method: crt, epochs: 10}]
seeds: 3
"""


def _read(folder: Path, profile: str, text: str = FILE) -> tuple[SweepGrid, list[SweepTask]]:
    (folder / "g.yaml").write_text(text)
    grid = read_grid_file(folder / "g.yaml", profile)
    return grid, grid_tasks(grid, folder)


def test_smoke_is_a_few_stand_in_images_and_two_epochs_of_one_seed(tmp_path: Path) -> None:
    grid, tasks = _read(tmp_path, "smoke")
    assert (grid.folder_name, grid.pool_name) == ("grid-smoke", "shared-smoke")
    configs = [task.config for task in tasks]
    assert [(config.data, config.root, config.profile, config.ratio) for config in configs] == [
        *[("digits", None, "step", 10)] * 2,
        *[("glyphs", None, "auto", 5)] * 2,
    ]
    assert {(config.epochs, config.model, config.batch_size, config.seed) for config in configs} == {
        (2, "resnet20", 32, 0)
    }
    assert [config.milestones for config in configs] == [(), (), (), ()]  # 160 and 180 of 200 are 2 of 2, the end
    assert [config.warmup_epochs for config in configs] == [0, 0, 0, 0]
    assert {cell.settings.epochs for task in tasks for cell in task.cells} == {1}
    assert [task.tune.trials if task.tune else None for task in tasks] == [None, 2, None, 2]


def test_cpu_has_the_data_of_the_file_and_scaled_milestones(tmp_path: Path) -> None:
    _, tasks = _read(tmp_path, "cpu")
    first = tasks[0].config
    assert (first.data, first.root, first.ratio, first.model, first.epochs) == ("cifar10", "data", 100, "resnet20", 8)
    assert first.milestones == (6, 7)  # 6.4 and 7.2
    assert len(tasks) == 12
    photos = FILE.replace("data: cifar100", "data: folder, root: x")
    with pytest.raises(ConfigError, match=r"data 'c100' of .* has image files of any size, which take too long"):
        _read(tmp_path, "cpu", photos)


def test_a_profile_of_the_file_adds_to_the_built_in_one(tmp_path: Path) -> None:
    own = "profiles: {cpu: {seeds: 2, stage1: {epochs: 20}, tune: {trials: 4}, only: [{stage1: ce}]}}"
    _, tasks = _read(tmp_path, "cpu", FILE + own)
    assert [(task.config.epochs, task.config.seed, task.config.model) for task in tasks] == [
        (20, 0, "resnet20"), (20, 1, "resnet20"), (20, 0, "resnet20"), (20, 1, "resnet20")
    ]  # fmt: skip
    assert {task.tune.trials for task in tasks if task.tune} == {4}
    assert len(_read(tmp_path, "full", FILE + own)[1]) == 12


@pytest.mark.parametrize(
    ("epochs", "milestones", "warmup"), [(100, (80, 90), 2), (20, (16, 18), 0), (3, (2,), 0), (1, (), 0)]
)
def test_milestones_and_warmup_keep_their_share(epochs: int, milestones: tuple[int, ...], warmup: int) -> None:
    scaled = scale_epochs({"epochs": 200, "milestones": (160, 180), "warmup_epochs": 5}, {"epochs": epochs})
    assert (scaled["milestones"], scaled["warmup_epochs"]) == (milestones, warmup)


def test_options_go_with_the_choice_they_belong_to() -> None:
    recipe = {"loss": "gcl", "loss_options": {"scale": 30}, "mix": "mixup", "mix_options": {"alpha": 1}}
    assert merge_layers([recipe, {"loss": "ce"}]) == {"loss": "ce", "mix": "mixup", "mix_options": {"alpha": 1}}
    assert merge_layers([recipe, {"loss": "gcl"}]) == recipe
    assert merge_layers([recipe, {"loss": "ldam", "loss_options": {"scale": 20}}])["loss_options"] == {"scale": 20}
