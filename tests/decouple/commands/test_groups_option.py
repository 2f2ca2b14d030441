"""`--groups` of the commands that show class groups."""

import csv
import json
from pathlib import Path

import pytest

from tests.conftest import Command


def _stored(runs: Path) -> dict[str, object]:
    metrics = json.loads((runs / "base" / "results.json").read_text())["stage1"]["last"]["metrics"]["test"]
    return dict(metrics)


def test_evaluate_prints_the_groups_by_sizes(decouple: Command, runs: Path) -> None:
    answer = decouple("evaluate", "base", "--runs", runs, "--method", "none", "--groups", "3,4,3", "--json")
    assert answer.code == 0, answer.err
    record = json.loads(answer.out)
    assert record["group_scheme"] == "3,4,3"
    totals = _stored(runs)["class_totals"]
    assert isinstance(totals, dict)
    counts = json.loads((runs / "base" / "data.json").read_text())["group_counts"]
    head = sorted(range(10), key=lambda label: (-counts[label], label))[:3]
    correct, images = (sum(totals[key][label] for label in head) for key in ("correct", "images"))
    assert record["groups"]["head"]["micro"] == pytest.approx(100 * correct / images)
    text = decouple("evaluate", "base", "--runs", runs, "--method", "none", "--groups", "3,4,3").out
    assert "classes by falling training images, cut 3,4,3" in text
    assert "precision %" in text


def test_stage2_and_compare_and_report_take_the_same_scheme(decouple: Command, runs: Path, tmp_path: Path) -> None:
    answer = decouple("stage2", "--run", "base", "--runs", runs, "--method", "tau", "--groups", "5,5")
    assert answer.code == 0, answer.err
    assert "group 1" in answer.out
    assert "few" not in answer.out.split("run:")[0].split("tau")[0]
    answer = decouple("compare", "base", "--runs", runs, "--groups", "halves", "--csv")
    assert answer.code == 0, answer.err
    figures = {row["figure"] for row in csv.DictReader(answer.out.splitlines())}
    assert figures == {"all", "balanced", "head", "tail"}
    page = tmp_path / "page.html"
    words = ["--out", page, "--no-images", "--no-figure-files", "--map-images", "0", "--groups", "2,6,2"]
    assert decouple("report", "base", "--runs", runs, *words).code == 0
    assert ">middle<" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["evaluate", "compare", "report", "stage2"])
def test_a_scheme_that_does_not_exist_is_refused(decouple: Command, command: str) -> None:
    answer = decouple(command, "--groups", "quarters")
    assert answer.code == 2
    assert "--groups must be many_medium_few" in answer.err


def test_sizes_that_do_not_fit_the_classes_are_refused(decouple: Command, runs: Path) -> None:
    answer = decouple("evaluate", "base", "--runs", runs, "--method", "none", "--groups", "3,3")
    assert answer.code == 2
    assert "sum to the 10 classes" in answer.err
