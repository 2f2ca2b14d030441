"""What commands print: text, one JSON object, or a CSV table."""

import json
from dataclasses import dataclass

import pytest

from decouple.config.call_options import CallOptions, call_option_names
from decouple.config.command_settings import DataCommandConfig, RunsConfig
from decouple.errors import ConfigError
from decouple.reporting.output import emit, show


@dataclass(frozen=True)
class Inner:
    values: tuple[float, ...]
    ended: str = "complete"


@dataclass(frozen=True)
class Outer:
    name: str
    inner: dict[str, Inner]


RECORD = Outer("moths <é>", {"z": Inner((1.5,)), "a": Inner(())})


def test_json_has_all_fields_sorted_in_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    emit(CallOptions(json=True), ["a text"], record=RECORD)
    printed = capsys.readouterr().out
    assert json.loads(printed) == {
        "name": "moths <é>",
        "inner": {"a": {"values": [], "ended": "complete"}, "z": {"values": [1.5], "ended": "complete"}},
    }
    assert printed.index('"inner"') < printed.index('"name"')
    assert printed.isascii()
    assert printed.count("\n") == 1


def test_csv_has_the_columns_of_all_rows(capsys: pytest.CaptureFixture[str]) -> None:
    emit(CallOptions(csv=True), ["a text"], record=RECORD, rows=[{"a": 1}, {"a": None, "b": "x,y"}])
    assert capsys.readouterr().out == 'a,b\n1,\n,"x,y"\n'


@pytest.mark.parametrize(
    ("call", "printed"), [(CallOptions(), "step\n"), (CallOptions(json=True), ""), (CallOptions(csv=True), "")]
)
def test_steps_are_text_alone(call: CallOptions, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    show(call, "step")
    assert capsys.readouterr().out == printed


def test_one_form_at_a_time() -> None:
    with pytest.raises(ConfigError, match="json and csv are two forms of one result; give one of them"):
        CallOptions(json=True, csv=True)


def test_a_setting_keeps_its_name() -> None:
    assert call_option_names(RunsConfig, ("json", "csv")) == {"json": "json", "csv": "csv"}
    assert call_option_names(DataCommandConfig, ("json", "csv")) == {"json": "json", "as_csv": "csv"}
