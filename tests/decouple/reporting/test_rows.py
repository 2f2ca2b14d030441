from decouple.reporting.rows import markdown_rows

ROWS = [{"name": "a|b<c", "value": "1.50"}, {"name": "d", "value": None, "more": "-2"}]


def test_markdown() -> None:
    assert markdown_rows(ROWS).splitlines() == [
        "| name | value | more |",
        "|---|---:|---:|",
        r"| a\|b\<c | 1.50 | - |",
        "| d | - | -2 |",
    ]


def test_html_is_one_page_with_everything_escaped() -> None:
    page = html_page("x & y", ROWS, ["a <note>"])
    assert "<h1>x &amp; y</h1>" in page
    assert '<tr><td class="text">a|b&lt;c</td><td>1.50</td><td>-</td></tr>' in page
    assert "<p>a &lt;note&gt;</p>" in page
    assert "http" not in page
    assert "<img" not in page


def test_a_picture_is_part_of_the_page() -> None:
    assert '<img src="data:image/png;base64,AQID"' in html_page("x", ROWS, picture=bytes([1, 2, 3]))
