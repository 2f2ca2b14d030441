"""The content of the page of a run, computed from its folder; `decouple.pages.render` makes it HTML."""

from dataclasses import dataclass

from decouple.pages.class_rows import ClassRow, class_rows
from decouple.pages.method_rows import MethodTable, method_table
from decouple.pages.panel_record import LivePanel, live_panel
from decouple.pages.run_facts import FactTable, fact_tables
from decouple.pages.run_source import RunSource
from decouple.pages.summary import Tile, headline_tiles, summary_sentences


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
    facts: tuple[FactTable, ...]


def build_run_page(source: RunSource) -> RunPage:
    """Return the content of the page of a run."""
    labels = source.test.labels.numpy()
    rows = class_rows(source.record, labels, source.stage_one.scores.correct, source.compared.scores.correct)
    notes = {name: entry.selection.by or "" for name, entry in source.entries.items()}
    return RunPage(
        name=source.run.name,
        checkpoint=source.checkpoint,
        stage_one=source.stage_one.title,
        compared=source.compared.title,
        is_recommended=source.compared.calibrated.name == source.recommended.method,
        test_images=len(labels),
        summary=summary_sentences(source.recommended, source.metrics, source.compared.title, rows),
        tiles=headline_tiles(source.metrics, source.compared.title),
        methods=method_table(source.metrics, notes),
        classes=rows,
        panel=live_panel(source),
        facts=fact_tables(source),
    )
