"""Text files as editors and spreadsheets write them: UTF-8, UTF-16, Windows-1252; comma, semicolon, tab."""

import csv
from pathlib import Path

from decouple.errors import DataError
from decouple.log import logger

DELIMITERS = (",", ";", "\t", "|")
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_WIDE_SAMPLE = 1000  # bytes; UTF-16 of Latin text without a mark has a zero in every second one


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8, UTF-16 or, with a warning that says so, Windows-1252 (Latin-1).

    Raises:
        DataError: the file is missing, or is not text.
    """
    return decode_file(path)[0]


def decode_file(path: Path) -> tuple[str, str]:
    """Return the text of a file as `read_text` does, and the name of its encoding.

    Raises:
        DataError: the file is missing, or is not text.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from None
    encoding = encoding_of(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise DataError(f"cannot read {path}: it is not a text file; save it as text, or as CSV, in UTF-8")
    if encoding == "cp1252":
        logger.warning(
            f"{path} is not in UTF-8; it is read as Windows-1252 (Latin-1). Save it in UTF-8 if names are wrong"
        )
    return text, encoding


def encoding_of(content: bytes) -> str:
    """Return the encoding of a text: by its byte order mark, UTF-8 if it is valid, UTF-16 by its zeros, or cp1252.

    Example:
        >>> encoding_of("é".encode("latin-1")), encoding_of("é".encode()), encoding_of("a,b".encode("utf-16-le"))
        ('cp1252', 'utf-8', 'utf-16-le')
    """
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return encoding
    sample = content[:_WIDE_SAMPLE]
    for encoding, high, low in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        if high.count(0) > len(high) // 2 and 0 not in low:
            return encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def delimiter_of(text: str) -> str:
    """Return the delimiter of a table: comma, semicolon, tab or bar, the one that cuts its first line most often.

    Example:
        >>> delimiter_of('path;"label, in Latin";split')
        ';'
    """
    header = text.lstrip("\r\n").splitlines()[:1] or [""]
    return max(DELIMITERS, key=lambda delimiter: len(next(csv.reader(header, delimiter=delimiter), [])))
