from pathlib import Path
from typing import Any

import pytest

from decouple.config.command_line import parse
from decouple.config.settings_yaml import from_yaml, to_yaml
from decouple.errors import ConfigError
from stage2.settings import Stage2Config, option_values

NAN, INFINITE = float("nan"), float("inf")


def test_views_are_a_number_or_live() -> None:
    with pytest.raises(ConfigError, match=r"--views must be a whole number or live, got 'alive'\."):
        parse(Stage2Config, ["--views", "alive"], "decouple stage2")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("epochs", 0, "epochs must be 1 or more, got 0"),
        ("epochs", (5, 0), "epochs must be 1 or more, got 0"),
        ("epochs", (5, 5), "epochs names a value twice: 5, 5"),
        ("k", (), "k needs a value, or leave it out"),
        ("k", 0, "k must be 1 or more, got 0"),
        ("folds", 1, "folds must be 2 or more, or 0 for the validation split, got 1"),
        ("rho", 4.5, r"rho must be between 0 and 4, got 4\.5; 1 is usual"),
        ("norm_threshold", -0.1, r"norm_threshold must be between 0 and 1, got -0\.1; 0\.1 is usual"),
        ("batch_size", -1, "batch_size must be 1 or more, got -1"),
        ("lr", 0.0, r"lr must be above 0, got 0\.0"),
        ("lr", (0.1, 0.0), r"lr must be above 0, got 0\.0"),
        ("lr", NAN, "lr must be above 0, got nan"),
        ("lr", INFINITE, "lr must be above 0, got inf"),
        ("weight_decay", -1e-9, "weight_decay must be 0 or more, got -1e-09; 5e-4 is a usual start"),
        ("weight_decay", NAN, "weight_decay must be 0 or more"),
        ("momentum", 1.0, r"momentum must be 0 or more and below 1, got 1\.0"),
        ("momentum", NAN, "momentum must be 0 or more and below 1"),
        ("tau", 10.5, r"tau must be between -10 and 10, got 10\.5; 0 to 2 is usual"),
        ("tau", NAN, "tau must be between -10 and 10"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Stage2Config(**{name: value})


@pytest.mark.parametrize(("name", "value"), [("weight_decay", 0.0), ("momentum", 0.0), ("tau", -10.0), ("epochs", 1)])
def test_the_ends_of_the_ranges_are_allowed(name: str, value: Any) -> None:
    assert getattr(Stage2Config(**{name: value}), name) == value


def test_several_values_on_the_command_line() -> None:
    parsed = parse(Stage2Config, ["--lr", "0.03", "0.1", "--epochs", "5", "--k", "5", "10"], "decouple stage2")
    assert parsed.explicit == {"lr", "epochs", "k"}
    assert (parsed.settings.lr, parsed.settings.epochs, parsed.settings.k) == ((0.03, 0.1), 5, (5, 10))
    result = [option_values(parsed.settings, name) for name in ("lr", "epochs", "k", "tau")]
    assert result == [(0.03, 0.1), (5,), (5, 10), ()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("lr: 0.1", 0.1), ("lr: [0.1]", 0.1), ("lr: [0.1, 1]", (0.1, 1.0)), ("lr: null", None), ("seed: 1", None)],
)
def test_one_value_or_several_in_a_file(text: str, expected: Any, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(text)
    result = from_yaml(Stage2Config, tmp_path / "c.yaml")
    assert result.lr == expected
    (tmp_path / "d.yaml").write_text(to_yaml(result))
    assert from_yaml(Stage2Config, tmp_path / "d.yaml") == result


@pytest.mark.parametrize("words", [["--lr", "a"], ["--lr", "0.1", "b"]])
def test_what_is_no_number_is_said(words: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"--lr must be a number, or a list of them, got '[ab]'"):
        parse(Stage2Config, words, "decouple stage2")


@pytest.mark.parametrize("text", ["lr: {a: 1}", "lr: [0.1, b]", "lr: x", "lr: [.nan, 0.1]"])
def test_what_is_no_number_in_a_file_is_said(text: str, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"'lr' in .* must be a number"):
        from_yaml(Stage2Config, tmp_path / "c.yaml")
