"""The searches by name, for `decouple.api.tune`."""

from collections.abc import Callable, Mapping, Sequence

from decouple.files.run_dir import RunDir
from decouple.lookup import look_up
from decouple.python.run import Run
from decouple.python.settings import settings_of
from decouple.python.study import Study
from decouple.reporting.run_figures import draw_stage2
from decouple.reporting.search_figures import draw_search
from stage2.settings import ALL
from tuning.joint import tune_joint
from tuning.search_runs import finish_retrained, training_search_run
from tuning.settings import BEST, JointConfig, Stage2SearchConfig, TauConfig, WeightDecayConfig
from tuning.stage2 import tune_stage2
from tuning.tau import TAU, tune_tau
from tuning.weight_decay import tune_weight_decay

Options = Mapping[str, object]


def run_search(what: str, run: Run, options: Options) -> Study:
    """Search on a run; stage-one searches also train with the best values and fit stage two on the new runs.

    Raises:
        ConfigError: there is no search of that name.
        DecoupleError: see the searches.
    """
    return look_up(SEARCHES, what, "search")(run.folder, options)


def _weight_decay(run: RunDir, options: Options) -> Study:
    settings = settings_of(WeightDecayConfig, {**options, "run": str(run.path)})
    base = training_search_run(settings, frozenset(options))
    retrained = tune_weight_decay(base, settings)
    finish_retrained(retrained, settings.stage2, settings.device, {})
    return _study(base, settings.study, retrained)


def _joint(run: RunDir, options: Options) -> Study:
    settings = settings_of(JointConfig, {**options, "run": str(run.path)})
    base = training_search_run(settings, frozenset(options), BEST)
    tuned = tune_joint(base, settings)
    method = tuned.method if settings.stage2 == BEST else settings.stage2
    hyperparameters = tuned.hyperparameters if method in (tuned.method, ALL) else {}
    finish_retrained(tuned.runs, method, settings.device, hyperparameters)
    return _study(base, settings.study, tuned.runs)


def _tau(run: RunDir, options: Options) -> Study:
    settings = settings_of(TauConfig, {**options, "run": str(run.path)})
    tune_tau(run, settings)
    draw_stage2(run, settings.weights, [TAU])
    return _study(run, settings.study_name)


def _stage2(run: RunDir, options: Options) -> Study:
    settings = settings_of(Stage2SearchConfig, {**options, "run": str(run.path)})
    tune_stage2(run, settings)
    draw_stage2(run, settings.weights, [settings.method])
    return _study(run, settings.study_name)


def _study(run: RunDir, name: str, retrained: Sequence[RunDir] = ()) -> Study:
    draw_search(run, name)
    return Study(Run(run), run.read_results().tuning[name], tuple(Run(folder) for folder in retrained))


SEARCHES: dict[str, Callable[[RunDir, Options], Study]] = {
    "weight-decay": _weight_decay,
    "joint": _joint,
    "tau": _tau,
    "stage2": _stage2,
}
