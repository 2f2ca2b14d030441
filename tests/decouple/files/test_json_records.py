from pathlib import Path

import pytest

from decouple.errors import RunError
from decouple.files.json_records import read_json


def test_read_json_of_undecodable_bytes_and_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff\xfe")
    with pytest.raises(RunError, match=r"a\.json is damaged"):
        read_json(tmp_path / "a.json")
    with pytest.raises(RunError, match=r"b\.json is missing; the run folder is not complete"):
        read_json(tmp_path / "b.json")
