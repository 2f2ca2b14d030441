from decouple.reporting.rows import markdown_rows

ROWS = [{"name": "a|b<c", "value": "1.50"}, {"name": "d", "value": None, "more": "-2"}]


def test_markdown() -> None:
    assert markdown_rows(ROWS).splitlines() == [
        "| name | value | more |",
        "|---|---:|---:|",
        r"| a\|b\<c | 1.50 | - |",
        "| d | - | -2 |",
    ]
