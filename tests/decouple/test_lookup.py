import pytest

from decouple.errors import ConfigError
from decouple.lookup import look_up
from decouple.nearest_name import did_you_mean

TABLE = {"crt": 1, "lws": 2, "tau": 3}


def test_a_known_name_gives_its_entry() -> None:
    assert look_up(TABLE, "lws", "method") == 2


def test_an_unknown_name_is_told_the_nearest_and_all() -> None:
    with pytest.raises(ConfigError) as caught:
        look_up(TABLE, "tua", "stage-2 method")
    assert str(caught.value) == "unknown stage-2 method 'tua'. Did you mean 'tau'? Known: crt, lws, tau."


def test_a_name_near_to_none_is_told_all() -> None:
    with pytest.raises(ConfigError) as caught:
        look_up(TABLE, "zzzz", "method")
    assert str(caught.value) == "unknown method 'zzzz'. Known: crt, lws, tau."


def test_the_case_of_letters_counts() -> None:
    with pytest.raises(ConfigError, match="unknown method 'TAU'"):
        look_up(TABLE, "TAU", "method")


def test_nothing_is_near_to_an_empty_list() -> None:
    assert did_you_mean("tau", []) == ""


def test_of_two_near_names_the_nearer_is_named() -> None:
    assert did_you_mean("--lrr", ["--loss", "--lr"]) == " Did you mean '--lr'?"
