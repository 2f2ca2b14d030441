"""Which published values stand beside a cell of some file: counts, files and reasons."""

from pathlib import Path

from tuning.sweep.published_coverage import NO_FILE, NO_REASON, coverage_by_table, published_coverage
from tuning.sweep.published_file import COLUMNS
from tuning.sweep.unmatched import UnmatchedRows

FILE = """
name: x
data: [{{name: d, published: {{source: s, table: "{table}"}}}}]
stage1: [{{name: ce, {more}published: {{stage1: ce}}}}]
stage2: [{{method: none, published: {{stage2: none}}}}]
published: ../p.csv
unmatched: [{{rows: {{stage1: bbn}}, reason: no such method}}]
"""
ROWS = [("1", "ce"), ("1", "bbn"), ("1", "lade"), ("2", "ce"), ("3", "ce")]


def test_rows_with_a_cell_and_reasons_of_the_others(tmp_path: Path) -> None:
    plain = {"source": "s", "stage2": "none", "split": "all", "metric": "top1", "unit": "percent", "value": "1"}
    lines = [
        ",".join({**plain, "table": table, "stage1": stage1}.get(name, "") for name in COLUMNS)
        for table, stage1 in ROWS
    ]
    (tmp_path / "p.csv").write_text("\n".join([",".join(COLUMNS), *lines]))
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "a.yaml").write_text(FILE.format(table="1", more=""))
    (tables / "b.yaml").write_text(FILE.format(table="2", more="epohs: 3, "))
    (tables / "c.yaml").write_text("name: c\ninclude: [a.yaml]\n")
    doubt = UnmatchedRows({"table": "3"}, "a copy", "here")
    rows = published_coverage(tmp_path / "p.csv", sorted(tables.iterdir()), [doubt])
    assert [row.files for row in rows] == [("a.yaml",), (), (), (), ()]
    assert [row.reason for row in rows][:3] == ["", "no such method", NO_REASON]
    assert rows[3].reason == "b.yaml is refused: unknown key 'epohs' in stage1 1 of b.yaml. Did you mean 'epochs'?"
    assert (rows[4].reason, rows[4].doubt) == (NO_FILE, "a copy")
    first, second, third = coverage_by_table(rows)
    assert (first.rows, first.matched, first.files) == (3, 1, ("a.yaml",))
    assert first.reasons == {"no such method": 1, NO_REASON: 1}
    assert (second.matched, third.matched, third.doubtful) == (0, 0, 1)
