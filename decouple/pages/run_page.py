"""The content of the page of a run, computed from its folder; `decouple.pages.render` makes it HTML."""

from dataclasses import dataclass
from pathlib import Path

from decouple.pages.calibration_rows import CalibrationRow, PriorTable, calibration_rows, prior_table
from decouple.pages.class_rows import ClassRow, class_rows
from decouple.pages.error_examples import PairExample, TailError, pair_examples, tail_errors
from decouple.pages.example_images import open_example_images
from decouple.pages.method_rows import MethodTable, method_table
from decouple.pages.page_figures import PageFigure, page_figures
from decouple.pages.panel_record import LivePanel, live_panel
from decouple.pages.run_facts import FactTable, fact_tables
from decouple.pages.run_source import RunSource
from decouple.pages.settings import ReportConfig
from decouple.pages.summary import Tile, headline_tiles, summary_sentences
from decouple.reporting.chosen_groups import rows_with_chosen_groups
from decouple.reporting.names import printable
from decouple.reporting.search_summary import best_values_line


@dataclass(frozen=True, eq=False)
class RunPage:
    """The content of a page, in the order of its sections."""

    name: str  # of the run
    checkpoint: str  # stage-one weights
    stage_one: str  # title of stage one's classifier
    compared: str  # title of the classifier that is compared with it; the same where there is no other
    is_recommended: bool  # whether that is the recommended one
    test_images: int
    summary: tuple[str, ...]
    tiles: tuple[Tile, ...]
    methods: MethodTable
    classes: tuple[ClassRow, ...]
    panel: LivePanel
    figures: tuple[PageFigure, ...]
    calibration: tuple[CalibrationRow, ...]
    temperature: float  # of the compared classifier
    calibrated_on: str  # the images that it was fitted on, in words; "": it was not fitted
    priors: PriorTable
    pairs: tuple[PairExample, ...]
    errors: tuple[TailError, ...]
    images_note: str  # why there are no pictures; "" where there are
    searches: tuple[str, ...]  # each in a sentence
    facts: tuple[FactTable, ...]


def build_run_page(source: RunSource, settings: ReportConfig, folder: Path | None) -> RunPage:
    """Return the content of the page of a run.

    Args:
        source: the run.
        settings: of the command.
        folder: where each figure is written as PNG and SVG too; None: nowhere.
    """
    images = "No pictures were asked for." if settings.no_images else open_example_images(source.run, settings.root)
    examples = None if isinstance(images, str) else images
    calibrated = source.compared.calibrated
    labels = source.test.labels.numpy()
    rows = class_rows(source.record, labels, source.stage_one.scores.correct, source.compared.scores.correct)
    shown_metrics = rows_with_chosen_groups(source.metrics, source.record.group_counts, settings.groups)
    notes = {name: entry.selection.by or "" for name, entry in source.entries.items()}
    return RunPage(
        name=printable(source.run.name),
        checkpoint=source.checkpoint,
        stage_one=source.stage_one.title,
        compared=source.compared.title,
        is_recommended=calibrated.name == source.recommended.method,
        test_images=len(labels),
        summary=_summary(source, rows),
        tiles=headline_tiles(source.metrics, source.compared.title),
        methods=method_table(shown_metrics, notes, settings.groups),
        classes=rows,
        panel=live_panel(source),
        figures=page_figures(source, map_images=settings.map_images, folder=folder),
        calibration=calibration_rows(source),
        temperature=calibrated.temperature,
        calibrated_on="" if calibrated.held_out is None else calibrated.held_out.source,
        priors=prior_table(
            source.metrics, tuple(entry.title for entry in source.classifiers), source.record.group_counts
        ),
        pairs=pair_examples(source, examples),
        errors=tail_errors(source, examples),
        images_note=images if isinstance(images, str) else "",
        searches=tuple(f"{name}: {best_values_line(study)}" for name, study in source.results.tuning.items()),
        facts=fact_tables(source),
    )


def _summary(source: RunSource, rows: tuple[ClassRow, ...]) -> tuple[str, ...]:
    entry = source.entries.get(source.compared.calibrated.name)
    against_stage1 = None if entry is None else entry.against_stage1
    return summary_sentences(source.recommended, source.metrics, source.compared.title, rows, against_stage1)
