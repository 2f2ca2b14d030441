"""Where predictions go: a CSV or Parquet file that appears when it is complete, or stdout, batch by batch."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from decouple.config.predict_settings import STDOUT
from decouple.deploy.prediction_table import Columns, set_text
from decouple.files.atomic import replacing
from decouple.files.csv_files import csv_lines

Write = Callable[[Columns], None]


@contextlib.contextmanager
def prediction_file(out: str, columns: Sequence[str]) -> Iterator[Write]:
    """Yield a function that writes columns of further rows.

    Bytes of a path that are not UTF-8 stay as they are in CSV; in Parquet they become ``\\xNN``.

    Args:
        out: a CSV or Parquet file, or ``-`` for stdout.
        columns: their names in order.

    Raises:
        OSError: the disk is full or the folder cannot be written; a file that was there is as it was.
    """
    if out == STDOUT:
        yield _csv_writer(_to_stdout, columns)
        return
    target = Path(out)
    with replacing(target) as temporary:
        if target.suffix.lower() == ".parquet":
            with _parquet_writer(temporary, columns) as write:
                yield write
            return
        with temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            yield _csv_writer(file.write, columns)


def _csv_writer(put: Callable[[str], object], columns: Sequence[str]) -> Write:
    put(csv_lines([columns]))

    def write(table: Columns) -> None:
        cells = [
            [set_text(value) if isinstance(value, list) else value for value in table[column]] for column in columns
        ]
        put(csv_lines(zip(*cells, strict=True)))

    return write


def _to_stdout(text: str) -> None:
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)  # a captured stream may have none
    if buffer is None:
        sys.stdout.write(text)
    else:
        buffer.write(text.encode("utf-8", "surrogateescape"))
        buffer.flush()


@contextlib.contextmanager
def _parquet_writer(path: Path, columns: Sequence[str]) -> Iterator[Write]:
    import pyarrow as pa  # optional, and slow to import
    from pyarrow import parquet

    types = {"set_size": pa.int64(), "set": pa.list_(pa.string()), "f": pa.float32()}
    types |= dict.fromkeys(("probability", "margin"), pa.float64())
    schema = pa.schema([(name, types.get(name.rstrip("_0123456789"), pa.string())) for name in columns])
    with parquet.ParquetWriter(path, schema) as writer:

        def write(table: Columns) -> None:
            arrays = [pa.array([_as_utf8(value) for value in table[field.name]], field.type) for field in schema]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))

        yield write


def _as_utf8(value: object) -> object:
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
