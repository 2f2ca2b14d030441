"""A file of a sweep that is wrong is refused before anything runs, with entry and key."""

from pathlib import Path

import pytest

from decouple.errors import ConfigError
from tests.tuning.sweep.example_grid import FILE
from tuning.sweep.grid_file import read_grid_file
from tuning.sweep.tasks import grid_tasks


def _read(folder: Path, text: str) -> None:
    (folder / "g.yaml").write_text(text)
    grid_tasks(read_grid_file(folder / "g.yaml"), folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "stage2: [tau, none]",
            "stage2: [tua]",
            "'tua' in entry 1 of 'cells.exclude' in FILE is no entry of 'stage2'. Did",
        ),
        (
            "{data: b, stage1: gcl,",
            "{daat: b,",
            "unknown axis 'daat' in entry 1 of 'cells.exclude' in FILE. Did you mean 'data'?",
        ),
        ("{exclude: [", "{exclud: [", "unknown key 'exclud' in 'cells' in FILE. Did you mean 'exclude'?"),
        ("{data: b, stage1: gcl, stage2: [tau, none]}", "{data: [a, b]}", "'cells' in FILE leaves no cell"),
        ("[tau, none]", "[]", "'stage2' in entry 1 of 'cells.exclude' in FILE names no entry"),
        ("seeds: 1", "seeds: 0", "'seeds' in data 2 of FILE must be a number of seeds"),
        ("seeds: 1", "seeds: [7]", "'seeds' in FILE: no seed is left for data 'b' and stage1 'gcl'"),
        (
            "config: gcl}",
            "config: gcll}",
            "'config' in stage1 1 of FILE: there is no settings file gcll, and no recipe of",
        ),
        (
            "config: gcl}",
            "config: gcl-stage2}",
            "'config' in stage1 1 of FILE: gcl-stage2.yaml sets 'method', which is no",
        ),
        ("settings: {lr: 0.4}", "settings: {batch: 4}", "unknown key 'batch' in 'settings' in overrides 1 of FILE."),
        ("{data: b, stage1: ce, ", "{data: c, ", "'c' in overrides 1 of FILE is no entry of 'data'. Known: a, b"),
        (
            "stage1: {epochs: 40}",
            "stage1: {epohs: 40}",
            "unknown key 'epohs' in 'stage1' in data 1 of FILE. Did you mean 'epochs'",
        ),
        (
            "stage1: {epochs: 40}",
            "stage1: {ratio: 4}",
            "'ratio' in 'stage1' in data 1 of FILE belongs to an entry of 'data'",
        ),
        ("{lr: 0.1, epochs: 20}", "{lr: -1}", "data 'a' and stage1 'gcl' of FILE: lr must be"),
        ("stage2: {batch", "stage3: {batch", "unknown key 'stage3' in 'defaults' in FILE. Did you mean 'stage2'?"),
        ("lr: 0.2, seeds", "lr: 0.2, tune: {trials: 0}, seeds", "trials must be 1 or more, got 0"),
        (
            "lr: 0.2, seeds",
            "lr: 0.2, tune: {trails: 0}, seeds",
            "unknown key 'trails' in 'tune' in stage1 2 of FILE. Did",
        ),
        ("{method: tau}", "{method: tau, tau_from: here}", "'tau_from' in stage2 3 of FILE must be held-out or a cell"),
        ("{method: tau}", "{method: tau, tau_from: {stage1: ce}}", "'tau_from' in stage2 3 of FILE needs 'stage2' too"),
        (
            "{method: tau}",
            "{method: tau, tau_from: {stage1: cee, stage2: tau}}",
            "'cee' in 'tau_from' in stage2 3 of FILE is no entry of 'stage1'. Did you mean 'ce'?",
        ),
        (
            "{method: tau}",
            "{method: tau, tau_from: {stage1: gcl, stage2: none}}",
            "'tau_from' of stage2 'tau' in FILE names a cell of another method, 'none'",
        ),
        ("seeds: 3", "groups: [3, -1]", "'groups' in FILE: sizes of groups must be two or more whole numbers"),
        ("seeds: 3", "columns: [{split: all}]", "entry 1 of 'columns' in FILE needs 'metric'"),
        ("seeds: 3", "profiles: {smok: {}}", "unknown key 'smok' in 'profiles' in FILE. Did you mean 'smoke'?"),
        ("seeds: 3", "profiles: {full: {}}", "'full' of 'profiles' in FILE is the file as it stands"),
        (
            "seeds: 3",
            "profiles: {cpu: {stage1: {epoch: 2}}}",
            "unknown key 'epoch' in 'stage1' in 'cpu' of 'profiles' in FILE.",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_entry_and_key(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in FILE
    with pytest.raises(ConfigError) as caught:
        _read(tmp_path, FILE.replace(old, new))
    assert str(caught.value).replace(str(tmp_path / "g.yaml"), "FILE").startswith(message)


def test_names_that_make_the_same_cell_are_refused(tmp_path: Path) -> None:
    text = (
        "name: x\ndata: [{name: a}, {name: a-b, ratio: 2}]\nstage1: [{name: b-c}, {name: c}]\nstage2: [{method: none}]"
    )
    with pytest.raises(ConfigError, match=r"two cells of .* are called 'a-b-c-s0/none'; rename an entry"):
        _read(tmp_path, text)
