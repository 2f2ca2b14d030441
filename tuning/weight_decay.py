"""Search the weight decay of stage one."""

import dataclasses
from typing import NoReturn

from decouple.config import from_yaml
from decouple.datasets.data import VAL, Data
from decouple.errors import Interrupted
from decouple.metrics import evaluate
from decouple.run_dir import FINISHED, RunDir, open_run, read_json
from decouple.seeding import derive_seed
from stage1.prepare import load_for, make_training
from stage1.run import require_same_data, resume_run, start_run, train
from stage1.settings import Stage1Config
from stage1.trainer import NoFiniteLoss, predict
from tuning.settings import WeightDecayConfig
from tuning.split import hold_out
from tuning.study import Diverged, Objective, Outcome, Search, best_trial, run_search, summarise

TARGET = "weight_decay"


def tune_weight_decay(run: RunDir, config: WeightDecayConfig) -> RunDir | None:
    """Search, record the trials in `run`, and return the run that was trained with the best value, if one was.

    Raises:
        DecoupleError: the data have changed, the study is another's, or no trial gave a finite loss.
        Interrupted: Ctrl-C came; calling again goes on.
    """
    settings = from_yaml(Stage1Config, run.config)
    settings = dataclasses.replace(settings, root=config.root or settings.root, device=config.device)
    epochs = config.epochs or settings.epochs
    with run.lock():
        data = load_for(settings)
        require_same_data(run, data)
        judged = hold_out(data, config.holdout, derive_seed(config.seed, "tuning holdout"))
        search = Search(
            TARGET, config.low, config.high, True, config.trials, config.seed,
            fixed=(("epochs", epochs), ("holdout", config.holdout)),
        )  # fmt: skip
        warmup = None if settings.warmup_epochs is None else min(settings.warmup_epochs, epochs)
        short = dataclasses.replace(settings, epochs=epochs, warmup_epochs=warmup)
        objective = make_objective(short, judged)
        trials = run_search(run.study(config.study), search, objective)
        value = float(best_trial(trials).params[TARGET])
        run.update_results("tuning", config.study, summarise(search, trials))
    if config.no_retrain:
        return None
    tuned = dataclasses.replace(
        settings, weight_decay=value, runs=str(run.path.parent), name=f"{run.name}-wd{value:.3g}"
    )
    return _train_once(tuned, run)


def make_objective(settings: Stage1Config, data: Data) -> Objective:
    """Return the function from a weight decay to the validation accuracy of a stage one trained with it."""

    def objective(value: float) -> Outcome:
        training = make_training(dataclasses.replace(settings, weight_decay=value), data)
        try:
            train(training, f"weight decay {value:.3g}", lambda _best: None, _stop, quiet=True)
        except NoFiniteLoss as error:
            raise Diverged(str(error)) from None
        logits, labels = predict(training.network, training.batches, data.splits[VAL])
        if not logits.isfinite().all():  # the last step of all may be the one that went too far
            raise Diverged(f"the network trained with weight decay {value:.3g} gives no finite logits")
        found = evaluate(logits.numpy(), labels.numpy(), data.group_counts)
        return Outcome(found["balanced"], found["groups"]["thirds"]["tail"])

    return objective


def _stop() -> NoReturn:
    raise Interrupted("stopped; the finished trials are saved. Go on by giving the same command again")


def _train_once(tuned: Stage1Config, base: RunDir) -> RunDir:
    """Train with the best value, unless an earlier call did; continue it where an earlier call was stopped."""
    path = base.path.parent / str(tuned.name)
    if not (path / "run.json").exists():
        return start_run(tuned, {"tuned_from": base.name})
    run = open_run(path)
    if run.read_manifest()["status"] == FINISHED:
        return run
    return resume_run(tuned, frozenset())


def base_of(run: RunDir) -> RunDir:
    """Return the run whose settings were tuned to train this one, or the run itself."""
    origin = read_json(run.manifest).get("tuned_from")
    return run if origin is None else open_run(run.path.parent / origin)
