"""The sentences at the top of a page."""

from typing import Any

import pytest

from decouple.evaluation.recall_intervals import RecallInterval
from decouple.files.results import RecommendationEntry
from decouple.pages.class_rows import ClassRow
from decouple.pages.summary import headline_tiles, summary_sentences


def metrics(top1: float, balanced: float, many: float | None, few: float | None) -> Any:
    groups = {"many_medium_few": {"many": many, "medium": None, "few": few}}
    groups["thirds"] = {"head": 90.0, "middle": 50.0, "tail": 10.0}
    return {"images": 1234, "top1": top1, "balanced": balanced, "groups": groups}


def recommendation(**values: Any) -> RecommendationEntry:
    base = {"checkpoint": "last", "method": "tau", "reason": "no images to choose on", "split": "no images"}
    return RecommendationEntry(**base | values)


def row(name: str, images: int) -> ClassRow:
    interval = RecallInterval(50.0, 20.0, 80.0, images)
    return ClassRow(0, name, "few", 5, interval, interval)


METRICS = {"stage one": metrics(70, 50, 95, 5), "tau": metrics(65, 60, 90, 30.5)}
AGAINST: Any = {"balanced_interval": [7.0, 13.0]}


def test_the_trade_names_what_the_tail_gains_and_the_head_pays() -> None:
    sentence = summary_sentences(recommendation(), METRICS, "tau", [row("owl", 40)], AGAINST)[1]
    sentence = sentence.replace("\N{MINUS SIGN}", "-")
    assert "(few) from 5.0 to 30.5 % (+25.5 points)" in sentence
    assert "(many) from 95.0 to 90.0 % (-5.0 points)" in sentence
    assert "+10.0 points (95 % interval +7.0 to +13.0), accuracy over all test images by -5.0" in sentence
    assert "1,234 test images" in sentence


def test_classes_with_few_test_images_are_named() -> None:
    rows = [row(f"c{index}", 9) for index in range(7)] + [row("owl", 10)]
    last = summary_sentences(recommendation(), METRICS, "tau", rows, None)[-1]
    assert last.startswith("7 of 8 classes have fewer than 10 of the 1,234 test images")
    assert "c0, c1, c2, c3, c4 and 2 others" in last


def test_without_held_out_images_there_is_no_figure() -> None:
    sentences = summary_sentences(recommendation(method="none"), METRICS, "stage one", [], None)
    assert sentences == ("Recommended: none (stage one); no images to choose on.",)


def test_the_recommendation_and_its_reason() -> None:
    chosen = recommendation(
        reason="highest balanced accuracy on 9 images", split="9 images", balanced=50.0, interval=(40.0, 60.0)
    )
    assert summary_sentences(chosen, METRICS, "tau", [], None)[:2] == (
        "Recommended: tau, balanced accuracy 50.0 % [40.0, 60.0] on 9 images.",
        "Chosen as highest balanced accuracy on 9 images.",
    )


def test_one_group_alone_gives_way_to_thirds() -> None:
    only_few = {"stage one": metrics(70, 50, None, 5), "tau": metrics(65, 60, None, 30)}
    titles = [tile.title for tile in headline_tiles(only_few, "tau")]
    assert titles == ["balanced accuracy", "all test images", "head classes", "middle classes", "tail classes"]
    changes = [tile.change for tile in headline_tiles(METRICS, "tau")]
    assert changes == pytest.approx([10, -5, -5, 25.5])
