from typing import cast

import pytest

from decouple.evaluation.metrics import Metrics
from decouple.files.results import MethodEntry, RecommendationEntry, Results
from decouple.reporting.chosen_method import STAGE_ONE, chosen_classifier, compared_classifiers


class _Entry:
    """The fields of an entry that the choice reads."""

    def __init__(self, method: str, balanced: float | None) -> None:
        self.method = method
        self.metrics = {} if balanced is None else {"val": cast("Metrics", {"balanced": balanced})}


def _results(recommended: str | None = None, **balanced: float | None) -> Results:
    entries = {name: cast("MethodEntry", _Entry(name, value)) for name, value in balanced.items()}
    entry = recommended and RecommendationEntry(checkpoint="last", method=recommended, reason="", split="")
    return Results(stage2={"last": entries}, recommended=entry or None)


@pytest.mark.parametrize(
    ("results", "chosen", "compared"),
    [
        (Results(), STAGE_ONE, [STAGE_ONE]),
        (_results(none=90.0), STAGE_ONE, [STAGE_ONE]),
        (_results(none=90.0, crt=70.0, tau=80.0, ncm=None), "tau", [STAGE_ONE, "tau"]),
        (_results(crt=None, ncm=None), "crt", [STAGE_ONE, "crt"]),
        (_results(recommended="crt", crt=70.0, tau=80.0), "crt", [STAGE_ONE, "crt"]),
        (_results(recommended="none", crt=70.0, tau=80.0), STAGE_ONE, [STAGE_ONE, "tau"]),
        (_results(recommended="gone", crt=70.0, tau=80.0), "tau", [STAGE_ONE, "tau"]),
    ],
)
def test_the_recommended_one_else_the_best_on_validation(results: Results, chosen: str, compared: list[str]) -> None:
    assert chosen_classifier(results, "last") == chosen
    assert compared_classifiers(results, "last") == compared


def test_a_recommendation_for_other_weights_does_not_count() -> None:
    assert chosen_classifier(_results(recommended="crt", crt=70.0), "best") == STAGE_ONE
