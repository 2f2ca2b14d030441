"""`decouple fit`: from a folder of images to a recommended classifier and what it means."""

from decouple.config.command_line import Parsed
from decouple.fit.answer import answer_fit
from decouple.fit.settings import FitConfig


def run(parsed: Parsed[FitConfig]) -> None:
    """Fit the images, and print plan, tables and conclusions."""
    answer_fit(parsed.settings, parsed.call)
