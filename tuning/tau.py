"""Search tau on cached validation features."""

import dataclasses
import time

import numpy as np

from decouple.class_counts import class_groups
from decouple.run_dir import RunDir, read_json
from stage2.cached import features_of, stage_one_head
from stage2.fitted import Curve, Fitted
from stage2.record import open_records
from stage2.settings import Stage2Config
from stage2.tau import GRID, TauNorm, choice, normalised, require_validation, tau_recalls
from tuning.settings import TauConfig
from tuning.study import Outcome, Search, best_trial, run_search, summarise

TARGET = "tau"


def tune_tau(run: RunDir, config: TauConfig) -> float:
    """Search, and record the best value as the run's tau classifier with its test figures; return the value.

    Raises:
        DecoupleError: there is no validation split, the features are another's, or so is the study.
    """
    started = time.perf_counter()
    counts = np.asarray(read_json(run.data)["group_counts"], dtype=np.int64)
    tail = class_groups(counts, "thirds")["tail"]
    with run.lock():
        splits = features_of(run, _stage2_config(config))
        head, held_out = stage_one_head(run, config.weights), require_validation(splits)

        def objective(value: float) -> Outcome:
            recalls = tau_recalls(head, held_out, (value,), config.keep_bias)[0]
            tail_mean = float(recalls[tail].nanmean())
            return Outcome(100 * float(recalls.nanmean()), None if tail_mean != tail_mean else 100 * tail_mean)

        search = Search(
            TARGET, config.low, config.high, False, config.trials, config.seed, config.search == "grid",
            fixed=(("weights", config.weights), ("keep_bias", config.keep_bias)),
        )  # fmt: skip
        trials = run_search(run.study(config.study_name), search, objective)
        value = float(best_trial(trials).params[TARGET])
        chosen = choice(head, value, f"balanced accuracy on validation, {len(trials)} trials of {config.search}")
        curve = Curve(TARGET, GRID, tau_recalls(head, held_out, GRID, config.keep_bias))
        fitted = Fitted(normalised(head, value, config.keep_bias), chosen, curve)
        method = TauNorm(tau=value, keep_bias=config.keep_bias)
        records = open_records(run, config.weights, head, splits)
        records.add(TARGET, method, fitted, time.perf_counter() - started)
        run.update_results("tuning", config.study_name, summarise(search, trials))
    return value


def _stage2_config(config: TauConfig) -> Stage2Config:
    names = {each.name for each in dataclasses.fields(Stage2Config)} & {
        each.name for each in dataclasses.fields(config)
    }
    return Stage2Config(method="tau", **{name: getattr(config, name) for name in names})
