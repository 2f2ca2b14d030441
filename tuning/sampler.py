"""Optuna's sampler and pruner, set up the way that every search here uses them."""

from optuna.pruners import BasePruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, TPESampler

from decouple.seeding import derive_seed
from tuning.quiet import quiet_optuna


def make_sampler(seed: int, taken: int, startup: int, *, several: bool, worker: int | None) -> BaseSampler:
    """Return the TPE for the next trial.

    Args:
        seed: of the search.
        taken: trials that are finished or under way; decides, with the seed, what is drawn.
        startup: random trials at the beginning.
        several: the search has more than one parameter, and they are drawn together.
        worker: number of the process among those at work on the study; None: it is alone. Trials that others have
            under way count as bad ones ("constant liar"), so that two processes do not try the same values.
    """
    stream = ("tpe", taken) if worker is None else ("tpe", taken, "worker", worker)
    number = derive_seed(seed, *stream) % 2**32  # numpy's legacy generator takes no more
    with quiet_optuna():  # one parameter is drawn as before several could be searched, so that studies go on
        return TPESampler(
            seed=number,
            n_startup_trials=startup,
            multivariate=several or None,
            constant_liar=True,
        )


def make_pruner(prune: bool, startup: int, after: int) -> BasePruner:
    """Return the median rule: after the start-up trials and `after` epochs, a trial below the median so far ends."""
    if not prune:
        return NopPruner()
    return MedianPruner(n_startup_trials=startup, n_warmup_steps=after)
