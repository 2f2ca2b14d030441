from typing import Literal

import pytest

from decouple.config.table_options import check_options, options_of, parse_assignments
from decouple.errors import ConfigError


class Entry:
    """One option of each type that an entry of a table may have."""

    def __init__(
        self,
        counts: int,
        positional: float = 1.0,
        *,
        required: float,
        real: float = 0.5,
        whole: int = 3,
        flag: bool = False,
        text: str = "a",
        choice: Literal["one", "two"] = "one",
        maybe: float | None = None,
        perhaps: int | None = 4,
    ) -> None: ...


def check(**options):
    return check_options(Entry, "entry", "loss", options)


def test_options_are_the_keyword_only_parameters_with_a_default() -> None:
    names = ["real", "whole", "flag", "text", "choice", "maybe", "perhaps"]
    assert list(options_of(Entry)) == names
    assert options_of(Entry)["perhaps"].default == 4


@pytest.mark.parametrize(
    ("option", "given", "expected"),
    [
        ("real", 2, 2.0),
        ("real", "1e-3", 0.001),  # YAML takes it for text
        ("whole", 7, 7),
        ("whole", 7.0, 7),
        ("flag", True, True),
        ("text", "b", "b"),
        ("choice", "two", "two"),
        ("maybe", "none", None),
        ("maybe", "null", None),
        ("maybe", None, None),
        ("maybe", 0, 0.0),
        ("maybe", "1e-3", 0.001),
        ("perhaps", "None", None),
        ("perhaps", 5, 5),
    ],
)
def test_a_value_gets_the_type_of_the_signature(option, given, expected) -> None:
    value = check(**{option: given})[option]
    assert value == expected
    assert type(value) is type(expected)


def test_what_is_not_given_is_not_filled_in() -> None:
    assert check(whole=2) == {"whole": 2}


@pytest.mark.parametrize(
    ("option", "given", "message"),
    [
        ("real", "much", "option 'real' of loss 'entry' must be a number, got 'much'"),
        ("real", True, "must be a number, got 'True'"),
        ("real", "inf", "must be a number, got 'inf'"),
        ("real", "nan", "must be a number, got 'nan'"),
        ("real", "none", "must be a number, got 'none'"),
        ("whole", 1.5, "must be a whole number, got '1.5'"),
        ("flag", 1, "must be true or false, got '1'"),
        ("text", 1, "must be text, got '1'"),
        ("choice", "tow", r"must be one of one, two, got 'tow'\. Did you mean 'two'"),
        ("maybe", "much", "option 'maybe' of loss 'entry' must be a number or none, got 'much'"),
        ("maybe", False, "must be a number or none, got 'False'"),
        ("perhaps", 1.5, "must be a whole number or none, got '1.5'"),
    ],
)
def test_a_value_of_another_type_is_refused(option, given, message) -> None:
    with pytest.raises(ConfigError, match=message):
        check(**{option: given})


@pytest.mark.parametrize("option", ["counts", "positional", "required", "wole"])
def test_what_is_no_option_is_refused(option) -> None:
    with pytest.raises(ConfigError, match=rf"unknown option '{option}' of loss 'entry'.* Known: real, whole, flag"):
        check(**{option: 1})


def test_the_nearest_option_is_named_or_none_is_there() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'whole'"):
        check(wole=1)
    with pytest.raises(ConfigError, match=r"unknown option 'a' of loss 'bare'. Known: none."):
        check_options(lambda counts: None, "bare", "loss", {"a": 1})


def test_words_are_read_as_yaml_reads_them() -> None:
    arguments = ["a=1", "b=0.5", "c=true", "d=text", "e=1e-3", "f=x=y", "g=null", "h=[1", "i=2020-01-01"]
    assert parse_assignments(arguments, "--loss-options") == {
        "a": 1,
        "b": 0.5,
        "c": True,
        "d": "text",
        "e": "1e-3",
        "f": "x=y",
        "g": "null",
        "h": "[1",
        "i": "2020-01-01",
    }


@pytest.mark.parametrize("word", ["gamma", "gamma=", "=1", ""])
def test_a_word_that_is_no_pair_is_refused(word) -> None:
    with pytest.raises(ConfigError, match=f"--loss-options takes name=value, such as gamma=1; got '{word}'"):
        parse_assignments([word], "--loss-options")


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="--loss-options names 'a' twice; keep one of the values"):
        parse_assignments(["a=1", "a=2"], "--loss-options")
