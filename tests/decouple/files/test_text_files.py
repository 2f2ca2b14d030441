from pathlib import Path

import pytest

from decouple.errors import DataError
from decouple.files.text_files import delimiter_of, encoding_of, read_text

TEXT = "path,label\nm\u00fccke.png,M\u00fccke\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_every_encoding_gives_the_same_text(tmp_path: Path, encoding: str, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.csv").write_bytes(TEXT.encode(encoding))
    assert read_text(tmp_path / "a.csv") == TEXT
    assert ("Windows-1252" in caplog.text) == (encoding in ("latin-1", "cp1252"))


def test_utf_16_of_the_other_byte_order_with_a_mark(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xfe\xff" + TEXT.encode("utf-16-be"))
    assert read_text(tmp_path / "a.csv") == TEXT


def test_a_short_text_is_utf_8() -> None:
    assert encoding_of(b"") == encoding_of(b"a") == "utf-8"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\x81\x8d\x8f", b"PK\x03\x04\0\0\xff\xfe"])
def test_what_is_no_text(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.csv: it is not a text file; save it as text, or as CSV, in UTF-8"):
        read_text(tmp_path / "a.csv")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*a\.csv: No such file"):
        read_text(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("path,label\na;b;c,1", ","),
        ("path;label;split\n", ";"),
        ("path\tlabel\n", "\t"),
        ("path|label", "|"),
        ('"a,b,c,d";label', ";"),
        ("label", ","),
        ("", ","),
        ("\n\nx;y", ";"),
    ],
)
def test_the_delimiter_is_that_of_the_first_line(text: str, delimiter: str) -> None:
    assert delimiter_of(text) == delimiter
