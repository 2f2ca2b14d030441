from pathlib import Path

import pytest

from decouple.errors import RunError
from decouple.files.replicates import find_runs, list_replicates, replicate_name, seed_of, settings_but_seed
from decouple.files.run_manifest import FORMAT, RunManifest, write_manifest


def _make_run(root: Path, name: str, seed: int = 0, lr: float = 0.1) -> None:
    (root / name).mkdir(parents=True)
    manifest = RunManifest(format=FORMAT, kind="stage1", created="2024-01-01", status="finished")
    write_manifest(root / name / "run.json", manifest)
    (root / name / "config.yaml").write_text(f"lr: {lr}\nseed: {seed}\nname: {name}\ndevice: cpu\n")


def test_replicates_are_those_of_the_name_by_seed(tmp_path: Path) -> None:
    for name in ("x-s10", "x-s2", "x-s2-b", "xx-s1", "x.s1", "x"):
        _make_run(tmp_path, name)
    assert [run.name for run in list_replicates("x", tmp_path)] == ["x-s2", "x-s10"]
    assert replicate_name("x", 2) == "x-s2"


def test_a_name_stands_for_its_run_or_else_for_all_seeds(tmp_path: Path) -> None:
    for name in ("x-s0", "x-s1", "y", "y-s0"):
        _make_run(tmp_path, name)
    root = str(tmp_path)
    assert [run.name for run in find_runs("x", root)] == ["x-s0", "x-s1"]
    assert [run.name for run in find_runs(f"{root}/x", "elsewhere")] == ["x-s0", "x-s1"]
    assert [run.name for run in find_runs("y", root)] == ["y"]
    assert [run.name for run in find_runs("x-s1", root)] == ["x-s1"]
    with pytest.raises(RunError, match=r"there is no run folder .*z"):
        find_runs("z", root)


def test_runs_of_two_seeds_share_the_rest_of_their_settings(tmp_path: Path) -> None:
    _make_run(tmp_path, "x-s0", 0)
    _make_run(tmp_path, "x-s1", 1)
    _make_run(tmp_path, "other", 1, lr=0.2)
    one, two, other = (find_runs(name, str(tmp_path))[0] for name in ("x-s0", "x-s1", "other"))
    assert (seed_of(one), seed_of(two)) == (0, 1)
    assert settings_but_seed(one) == settings_but_seed(two) == {"lr": 0.1}
    assert settings_but_seed(other) == {"lr": 0.2}
