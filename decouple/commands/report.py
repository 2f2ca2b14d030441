"""`decouple report`: write the HTML page of a run, or of several with a table that compares them."""

from dataclasses import asdict

from decouple.config.command_line import Parsed
from decouple.pages.settings import ReportConfig
from decouple.pages.write_report import write_report
from decouple.reporting.output import emit


def run(parsed: Parsed[ReportConfig]) -> None:
    """Write the pages and print where they are."""
    record = write_report(parsed.settings)
    lines = [f"report: {record.path}"] if record.path not in [page.path for page in record.pages] else []
    lines += [f"page: {page.path}" for page in record.pages]
    emit(parsed.call, ["\n".join(lines)], record=record, rows=[asdict(page) for page in record.pages])
