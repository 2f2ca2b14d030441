"""`decouple compare`: classifiers of one run or of several on the same test images."""

from collections.abc import Sequence
from pathlib import Path

from decouple.config.command_line import Parsed
from decouple.config.command_settings import CompareConfig
from decouple.errors import ConfigError
from decouple.evaluation.comparison import Candidate, MetricCell, PairwiseTest, metric_cells, pairs
from decouple.files.atomic import write_text
from decouple.files.csv_files import csv_text
from decouple.files.replicates import find_runs, group_by_seed, seed_of
from decouple.files.run_checks import require_finished
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run
from decouple.report.comparison import Section, as_difference, comparison_sections
from decouple.report.differences import draw_differences
from decouple.report.rows import markdown_rows
from decouple.report.tables import console, rows_table
from stage2.saved_classifiers import (
    Evaluation,
    EvaluationSet,
    open_evaluation_set,
    require_same_images,
    require_saved,
    saved_methods,
)

ALL = "all"


def run(parsed: Parsed[CompareConfig]) -> None:
    """Do it."""
    settings = parsed.settings
    runs = _runs(settings)
    require_same_images(runs, settings.split)
    tested = {each.path: open_evaluation_set(each, settings.weights, settings.split) for each in runs}
    _require_equal_labels(list(tested.values()), settings.split)
    candidates = _candidates(group_by_seed(runs), tested, settings)
    labels = next(iter(tested.values())).features.labels.numpy()
    found, differences = metric_cells(candidates), pairs(candidates, labels)
    sections = comparison_sections(found, differences)
    out = console()
    out.print(f"{len(labels):,} images of {settings.split}, {settings.weights} weights of stage one", highlight=False)
    for section in sections:
        out.print(f"\n{section.heading}", highlight=False, soft_wrap=True)
        out.print(rows_table(section.rows, best=None))
    if settings.out is not None:
        _write(Path(settings.out), found, differences, sections)
        out.print(f"written: {settings.out}", highlight=False, soft_wrap=True)


def _write(folder: Path, found: list[MetricCell], differences: list[PairwiseTest], sections: list[Section]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "compare.csv", csv_text(found))
    write_text(folder / "compare_pairs.csv", csv_text(differences, list(PairwiseTest.__annotations__)))
    text = (f"{section.heading}\n\n{markdown_rows(section.rows)}" for section in sections)
    write_text(folder / "compare.md", "\n".join(text))
    draw_differences(folder / "compare.png", [as_difference(row) for row in differences])


def _runs(settings: CompareConfig) -> list[RunDir]:
    """Return the runs that are named, each once, or the latest."""
    if not settings.run:
        return [require_finished(find_run(None, settings.runs))]
    found = {each.path.resolve(): each for name in settings.run for each in find_runs(name, settings.runs)}
    return [require_finished(each) for each in found.values()]


def _require_equal_labels(tested: Sequence[EvaluationSet], split: str) -> None:
    for each in tested[1:]:
        if not tested[0].features.labels.equal(each.features.labels):
            raise ConfigError(
                f"{tested[0].run.name} and {each.run.name} have cached features of other images of '{split}'; "
                "compute them again with `decouple stage2 --refresh-features`"
            )


def _candidates(
    groups: dict[str, list[RunDir]], tested: dict[Path, EvaluationSet], settings: CompareConfig
) -> list[Candidate]:
    """Return each method of each group of runs, judged on every seed of the group."""
    found = []
    for name, runs in groups.items():
        methods = _methods(runs, settings)
        for method in methods:
            judged = [tested[each.path].evaluate(method) for each in runs]
            found.append(_contestant(_label(name, method, len(groups) > 1, settings.method), runs, judged))
    if sum(len(each.seeds) for each in found) < 2:
        raise ConfigError(
            f"there is one classifier to compare, {found[0].name}; name more runs, or more methods with --method"
        )
    return found


def _contestant(name: str, runs: list[RunDir], judged: list[Evaluation]) -> Candidate:
    seeds = tuple(seed_of(each) for each in runs)
    return Candidate(name, seeds, tuple(each.correct for each in judged), tuple(dict(each.metrics) for each in judged))


def _methods(runs: list[RunDir], settings: CompareConfig) -> list[str]:
    """Return the methods asked for; all are those that every run of the group has."""
    if settings.method == (ALL,):
        saved = [saved_methods(each, settings.weights) for each in runs]
        return [method for method in saved[0] if all(method in others for others in saved)]
    for each in runs:
        for method in settings.method:
            require_saved(each, settings.weights, method)
    return list(dict.fromkeys(settings.method))


def _label(run: str, method: str, several_runs: bool, methods: tuple[str, ...]) -> str:
    if not several_runs:
        return method
    return run if len(methods) == 1 and methods != (ALL,) else f"{run}/{method}"
