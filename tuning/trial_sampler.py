"""Optuna's sampler and pruner, configured for every search of this program."""

from optuna.pruners import BasePruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from decouple.seeding import derive_seed


def make_sampler(
    seed: int, trials_taken: int, startup: int, *, multivariate: bool, worker: int | None, random: bool = False
) -> BaseSampler:
    """Return the TPE for the next trial, or the sampler of random values.

    Args:
        seed: of the search.
        trials_taken: trials that are finished or running; with the seed it decides what is drawn.
        startup: random trials at the beginning.
        multivariate: the search has more than one parameter, and they are drawn together.
        worker: index of the process among those that share the study; None: the only one. Running trials of other
            processes count as bad ones ("constant liar"), so that two processes do not try the same values.
        random: draw from the ranges, whatever earlier trials gave.
    """
    stream = ("tpe", trials_taken) if worker is None else ("tpe", trials_taken, "worker", worker)
    sampler_seed = derive_seed(seed, *stream) % 2**32  # numpy's legacy generator takes no more
    if random:
        return RandomSampler(seed=sampler_seed)
    return TPESampler(
        seed=sampler_seed,
        n_startup_trials=startup,
        multivariate=multivariate or None,  # None, Optuna's default, for one parameter: studies go on as they began
        constant_liar=True,
    )


def make_pruner(prune: bool, startup: int, after: int) -> BasePruner:
    """Return the median rule: after the start-up trials and `after` epochs, a trial below the median so far ends."""
    if not prune:
        return NopPruner()
    return MedianPruner(n_startup_trials=startup, n_warmup_steps=after)
