"""Search how a stage-two classifier is trained on the cached features."""

import dataclasses
import time
from typing import Any

import numpy as np

from decouple.datasets.data import TRAIN, VAL
from decouple.errors import ConfigError, DataError, DecoupleError, RunError
from decouple.lookup import look_up
from decouple.metrics import evaluate
from decouple.run_dir import RunDir, read_json
from samplers import SAMPLERS
from stage2.cached import features_of, stage_one_head
from stage2.methods import METHODS
from stage2.record import open_records
from stage2.settings import Stage2Config
from stage2.tau import require_validation
from tuning.settings import Stage2SearchConfig
from tuning.space import Choice, Parameter, Range, Values
from tuning.storage import place_of
from tuning.study import Diverged, Outcome, Report, Search
from tuning.training import hold, search_and_record
from tuning.workers import Plan


def tune_stage2(run: RunDir, config: Stage2SearchConfig) -> dict[str, Any]:
    """Search, record the best classifier as the run's with its test figures; return the best values.

    Raises:
        DecoupleError: there is no validation split, the features are another's, or so is the study.
    """
    started = time.perf_counter()
    best, _ = search_and_record(run, config, config.study_name, plan_stage2)
    with hold(run, place_of(run, config.study_name, config.storage)):
        splits = features_of(run, _stage2_config(config, refresh=False))
        head = stage_one_head(run, config.weights)
        method = method_with(config, best)
        fitted = method.fit(head, {name: splits[name] for name in (TRAIN, VAL)})
        how = f"balanced accuracy on validation, {config.trials} trials of tpe"
        fitted = dataclasses.replace(fitted, chosen={**best, "by": how})
        records = open_records(run, config.weights, head, splits)
        records.add(config.method, method, fitted, time.perf_counter() - started)
    return best


def plan_stage2(run: RunDir, config: Stage2SearchConfig) -> Plan:
    """Return the search and its objective.

    Raises:
        ConfigError: no such sampler, or no validation split.
    """
    for name in config.samplers:
        look_up(SAMPLERS, name, "sampler")
    splits = features_of(run, _stage2_config(config, refresh=config.refresh_features))
    held_out, train = require_validation(splits), splits[TRAIN]
    head, data = stage_one_head(run, config.weights), read_json(run.data)
    counts = np.asarray(data["group_counts"], dtype=np.int64)

    def objective(values: Values, _report: Report) -> Outcome:
        try:
            fitted = method_with(config, values).fit(head, {TRAIN: train})
        except (ConfigError, DataError, RunError):
            raise
        except DecoupleError as error:  # its weights are no longer finite
            raise Diverged(str(error)) from None
        found = evaluate(fitted.head.logits(held_out.features).numpy(), held_out.labels.numpy(), counts)
        return Outcome(found["balanced"], found["groups"]["thirds"]["tail"])

    fixed = (("method", config.method), ("weights", config.weights))
    fixed += (("data", data["fingerprint"]),) if config.storage else ()
    space: tuple[Parameter, ...] = (
        Range("lr", config.lr_low, config.lr_high, log=True),
        Range("weight_decay", config.low, config.high, log=True),
        Range("epochs", config.epochs_low, config.epochs_high, whole=True),
        *([Choice("sampler", config.samplers)] if len(config.samplers) > 1 else []),
    )
    return Plan(Search(space, config.trials, config.seed, fixed=fixed), objective)


def method_with(config: Stage2SearchConfig, values: Values) -> Any:
    """Return the method with the values of a trial."""
    return METHODS[config.method](**{"sampler": config.samplers[0], "seed": config.seed, **values})


def _stage2_config(config: Stage2SearchConfig, *, refresh: bool) -> Stage2Config:
    return Stage2Config(
        method=config.method, weights=config.weights, refresh_features=refresh, root=config.root, device=config.device
    )
