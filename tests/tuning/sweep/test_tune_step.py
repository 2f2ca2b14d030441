"""The step `tune` of a sweep, on a few digits."""

import csv
import dataclasses
from pathlib import Path

import pytest

from decouple.config.settings_yaml import from_yaml
from decouple.errors import ConfigError
from decouple.files.run_dir import RunDir
from stage1.settings import Stage1Config
from tests.tuning.sweep.small_sweep import sweep
from tuning.settings import WeightDecayConfig
from tuning.sweep import tune_step
from tuning.sweep.run import SweepResult, run_sweep
from tuning.sweep.settings import SweepConfig
from tuning.sweep.tune_settings import TuneStep
from tuning.sweep.tune_step import read_search, search_folder, tuned_run
from tuning.weight_decay import tune_weight_decay

FILE = """
name: tuned
pool: shared
data: [{name: digits, data: digits, fraction: 0.2, ratio: 10}]
stage1:
  - {name: tuned, loss: ce, epochs: 1, tune: {trials: 3, low: 1.0e-4, high: 1.0e-2, sampler: grid, tie_margin: 1}}
stage2: [{method: none}]
seeds: 2
"""
STEP = TuneStep(trials=2, low=1e-4, high=1e-2, sampler="grid")


def _config(folder: Path, **changes: object) -> Stage1Config:
    small = Stage1Config(fraction=0.2, ratio=10.0, val_fraction=0.0, epochs=1, batch_size=32, device="cpu")
    return dataclasses.replace(small, **{"runs": str(folder), "name": "run", **changes})


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> SweepResult:
    return sweep(tmp_path_factory.mktemp("swept"), FILE)


def test_a_step_searches_once_for_all_seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tuned_run(_config(tmp_path), STEP)
    search = read_search(_config(tmp_path), STEP)
    assert search is not None
    assert [trial.values["weight_decay"] for trial in search.trials] == [1e-4, 1e-2]
    settings = from_yaml(Stage1Config, run.config)
    assert (settings.weight_decay, settings.val_fraction) == (search.best["weight_decay"], 0)
    assert run.read_results().tuning["weight-decay"] == search
    monkeypatch.setattr(tune_step, "run_trials", lambda *_: pytest.fail("searched again"))
    other = tuned_run(_config(tmp_path, seed=1, name="other"), STEP)
    assert from_yaml(Stage1Config, other.config).weight_decay == settings.weight_decay
    per_seed = dataclasses.replace(STEP, per_seed=True)
    folders = {search_folder(_config(tmp_path, seed=seed), per_seed) for seed in (0, 1)}
    assert len(folders) == 2


def test_a_step_is_the_search_of_the_command(tmp_path: Path) -> None:
    tuned_run(_config(tmp_path), STEP)
    base = tune_step.complete_run(_config(tmp_path, name="base"))
    tune_weight_decay(
        base, WeightDecayConfig(trials=2, low=1e-4, high=1e-2, search="grid", device="cpu", no_retrain=True)
    )
    search, command = read_search(_config(tmp_path), STEP), base.read_results().tuning["weight-decay"]
    assert search is not None
    assert [(trial.values, trial.balanced, trial.top1) for trial in search.trials] == [
        (trial.values, trial.balanced, trial.top1) for trial in command.trials
    ]


def test_a_stopped_search_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[float] = []
    make = tune_step.weight_decay_objective

    def stopping(*arguments: object) -> object:
        objective = make(*arguments)  # type: ignore[arg-type]

        def trial(values: dict[str, float], report: object) -> object:
            tried.append(values["weight_decay"])
            if len(tried) == 2:
                raise KeyboardInterrupt
            return objective(values, report)  # type: ignore[arg-type]

        return trial

    monkeypatch.setattr(tune_step, "weight_decay_objective", stopping)
    with pytest.raises(tune_step.InterruptedRunError, match="the finished trials are saved"):
        tuned_run(_config(tmp_path), STEP)
    tuned_run(_config(tmp_path), STEP)
    assert tried == [1e-4, 1e-2, 1e-2]


def test_the_table_of_the_searches(swept: SweepResult) -> None:
    rows = list(csv.DictReader((swept.states.folder / "tuning.csv").read_text().splitlines()))
    (run,) = {cell.run_folder for cell in swept.cells if cell.stage1 == "tuned" and cell.seed == 0}
    search = RunDir(run).read_results().tuning["weight-decay"]
    balanced, top1 = (
        [trial.balanced or 0.0 for trial in search.trials],
        [trial.top1 or 0.0 for trial in search.trials],
    )
    assert [(row["data"], row["stage1"], row["seed"], row["metric"], row["trials"]) for row in rows] == [
        ("digits", "tuned", "", "balanced", "3")
    ]
    assert float(rows[0]["lowest"]) == pytest.approx(min(balanced))
    assert float(rows[0]["highest"]) == pytest.approx(max(balanced))
    assert float(rows[0]["highest_top1"]) == pytest.approx(max(top1))
    assert float(rows[0]["best"]) == search.best["weight_decay"]
    state = swept.states.read()["digits-tuned-s0/none"]
    assert state.figures["tune/best"][0] == search.best["weight_decay"]
    assert state.figures["tune/lowest_top1"][0] == min(top1)
    assert "| best value |" in (swept.states.folder / "tuning.md").read_text()


def test_a_second_call_trains_nothing(swept: SweepResult, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = swept.states.folder.parent
    before = sorted(path.name for path in (folder / "shared").iterdir())
    again = run_sweep(SweepConfig(file=str(folder.parent / "f.yaml"), runs=str(folder), device="cpu"))[0]
    assert again.searches == swept.searches
    assert sorted(path.name for path in (folder / "shared").iterdir()) == before


def test_settings_of_a_step() -> None:
    with pytest.raises(ConfigError, match="select must be"):
        TuneStep(select="accuracy")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="range takes NAME=LOW:HIGH"):
        TuneStep(range=("lr",))
