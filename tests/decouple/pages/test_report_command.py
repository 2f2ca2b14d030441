"""`decouple report` through the entry point."""

import json
from pathlib import Path

import pytest

from decouple.cli import main


def report(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["report", *map(str, words)])
    return code, *capsys.readouterr()


@pytest.mark.usefixtures("without_figures")
def test_a_page_on_the_latest_run_lies_in_its_folder(reported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = report(capsys, "--runs", reported, "--json", "--map-images", "0")
    assert code == 0, err
    record = json.loads(out)
    assert record["path"] == str(reported / "b" / "report.html")
    (page,) = record["pages"]
    assert (page["run"], page["weights"]) == (str(reported / "b"), "last")
    html = (reported / "b" / "report.html").read_text()
    results = json.loads((reported / "b" / "results.json").read_text())
    assert f"{results['stage2']['last']['tau']['metrics']['test']['balanced']:.2f}" in html
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "https://" not in html


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--out", "page.txt"], "must name a file that ends in .html"),
        (["--out", "nowhere/page.html"], "in a folder that exists"),
        (["--method", "tua"], "Did you mean 'tau'?"),
        (["c"], "there is no run"),
    ],
)
def test_what_cannot_be_reported_is_one_sentence(
    reported: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = report(capsys, *([] if words == ["c"] else ["a"]), *words, "--runs", reported)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1
