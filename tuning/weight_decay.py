"""Search the weight decay of stage one."""

from decouple.datasets.data import VAL, Data
from decouple.metrics import evaluate
from decouple.run_dir import RunDir
from stage1.settings import Stage1Config
from stage1.trainer import predict
from tuning.settings import WeightDecayConfig
from tuning.space import Range, Values
from tuning.study import Diverged, Objective, Outcome, Report
from tuning.training import (
    judged_data,
    search_and_record,
    search_over,
    settings_of,
    settings_of_trial,
    train_trial,
    train_with,
)
from tuning.workers import Plan

TARGET = "weight_decay"


def tune_weight_decay(run: RunDir, config: WeightDecayConfig) -> RunDir | None:
    """Search, record the trials in `run`, and return the run that was trained with the best value, if one was.

    Raises:
        DecoupleError: the data have changed, the study is another's, or no trial gave a finite loss.
        Interrupted: Ctrl-C came; calling again goes on.
    """
    best, _ = search_and_record(run, config, config.study, plan_weight_decay)
    return None if config.no_retrain else train_with(run, settings_of(run, config), best)


def plan_weight_decay(run: RunDir, config: WeightDecayConfig) -> Plan:
    """Return the search and its objective."""
    search = search_over(run, config, (Range(TARGET, config.low, config.high, log=True),))
    return Plan(search, make_objective(settings_of_trial(run, config), judged_data(run, config)))


def make_objective(settings: Stage1Config, data: Data) -> Objective:
    """Return the function from a weight decay to the validation accuracy of a stage one trained with it."""

    def objective(values: Values, report: Report) -> Outcome:
        training = train_trial(settings, data, values, report)
        logits, labels = predict(training.network, training.batches, data.splits[VAL])
        if not logits.isfinite().all():  # the last step of all may be the one that went too far
            raise Diverged(f"the network trained with {dict(values)} gives no finite logits")
        found = evaluate(logits.numpy(), labels.numpy(), data.group_counts)
        return Outcome(found["balanced"], found["groups"]["thirds"]["tail"])

    return objective
