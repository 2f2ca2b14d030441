"""`decouple export`: write a classifier of a run as one file that needs no run, and no decouple."""

from decouple.config.command_line import Parsed
from decouple.deploy.export import export_with
from decouple.deploy.export_settings import ExportConfig
from decouple.deploy.export_summary import export_summary
from decouple.files.run_checks import require_finished
from decouple.files.run_lookup import find_run
from decouple.reporting.output import emit


def run(parsed: Parsed[ExportConfig]) -> None:
    """Print what was written, and how it was checked."""
    settings = parsed.settings
    exported = export_with(require_finished(find_run(settings.run, settings.runs)), settings)
    emit(parsed.call, export_summary(exported), record=exported)
