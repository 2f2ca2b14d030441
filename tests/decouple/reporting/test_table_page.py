"""The page of tables: escaped, complete in one file, and sortable."""

from decouple.reporting.table_page import PageTable, table_page

ROWS = [{"name": "a|b<c", "value": "1.50"}, {"name": "d", "value": None, "more": "(-2)"}]


def test_one_page_with_everything_escaped() -> None:
    page = table_page("x & y", [PageTable("By <cell>", ROWS)], ["a <note>"])
    assert "<h1>x &amp; y</h1>" in page
    assert "<h2>By &lt;cell&gt;</h2>" in page
    assert '<tr><td>a|b&lt;c</td><td class="number">1.50</td><td class="number">-</td></tr>' in page
    assert "<p>a &lt;note&gt;</p>" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<img" not in page


def test_a_picture_is_part_of_the_page() -> None:
    assert '<img src="data:image/png;base64,AQID"' in table_page("x", [PageTable("t", ROWS)], picture=bytes([1, 2, 3]))


def test_every_heading_is_a_button() -> None:
    page = table_page("x", [PageTable("t", ROWS), PageTable("u", ROWS[:1])])
    assert page.count('<button type="button">') == 5
    assert page.count("<table>") == 2
