"""Words of a command line that no option takes."""

from dataclasses import dataclass
from typing import Any

import pytest

from decouple.command_table import TABLE
from decouple.config.command_line import parse
from decouple.config.command_settings import DataCommandConfig, EvaluateConfig
from decouple.config.fields import option, positional
from decouple.deploy.export_settings import ExportConfig
from decouple.errors import ConfigError
from stage1.settings import Stage1Config
from stage2.settings import Stage2Config
from tuning.settings import JointConfig, Stage2SearchConfig, TauConfig, WeightDecayConfig


@dataclass(frozen=True, kw_only=True)
class Worded:
    """Words before the options."""

    run: tuple[str, ...] = positional((), "runs", metavar="RUN...")
    method: str = option("all", "text")


@dataclass(frozen=True, kw_only=True)
class OneWord:
    """One word before the options."""

    file: str = positional("", "a file", metavar="FILE.yaml")
    workers: int = option(1, "processes")


def test_words_before_the_options_are_the_value_of_the_option_that_takes_them() -> None:
    parsed = parse(Worded, ["a", "b/c", "--method", "crt"], "decouple worded")
    assert parsed.settings == Worded(run=("a", "b/c"), method="crt")
    assert parsed.explicit == {"run", "method"}
    assert parse(Worded, ["--method", "crt", "--run", "a"], "decouple worded").settings.run == ("a",)
    assert parse(Worded, [], "decouple worded").settings.run == ()
    assert parse(OneWord, ["a.yaml", "--workers", "2"], "decouple one").settings == OneWord(file="a.yaml", workers=2)


@dataclass(frozen=True, kw_only=True)
class TwoWords:
    """A word, and a list of the rest."""

    run: str = positional("latest", "a run", metavar="RUN")
    images: tuple[str, ...] = positional((), "images", metavar="IMAGES...")
    low: float = option(0.0, "a number")
    tau: float | tuple[float, ...] | None = option(None, "numbers")
    wide: bool = option(False, "a switch")
    options: dict[str, Any] = option({}, "pairs")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a x y", TwoWords(run="a", images=("x", "y"))),
        ("--low 2 a x", TwoWords(run="a", images=("x",), low=2.0)),
        ("a --low -2 x", TwoWords(run="a", images=("x",), low=-2.0)),
        ("--low=2 a --wide x", TwoWords(run="a", images=("x",), low=2.0, wide=True)),
        ("--tau 1 -2 --wide a", TwoWords(run="a", tau=(1.0, -2.0), wide=True)),
        ("a --options k=1 j=2 --wide", TwoWords(run="a", options={"k": 1, "j": 2}, wide=True)),
        ("--images x y", TwoWords(images=("x", "y"))),
        ("a --images x y", TwoWords(run="a", images=("x", "y"))),
        ("a -", TwoWords(run="a", images=("-",))),
    ],
)
def test_words_may_stand_behind_options(line: str, expected: TwoWords) -> None:
    assert parse(TwoWords, line.split(), "decouple two").settings == expected


@pytest.mark.parametrize(
    ("kind", "argv", "message"),
    [
        (
            OneWord,
            ["a", "b"],
            "unexpected 'b' after 'decouple x'; write: decouple x FILE.yaml [--options]",
        ),
        (Worded, ["a", "--run", "b"], "RUN... is given twice, as a word and with --run; keep one of the two"),
        (Worded, ["--run=b", "a"], "RUN... is given twice, as a word and with --run; keep one of the two"),
        (Worded, ["a", "--methd", "b"], "unknown option '--methd'. Did you mean '--method'? See 'decouple x --help'."),
    ],
)
def test_words_in_the_wrong_place(kind: type[Any], argv: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(kind, argv, "decouple x")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "kind", [Stage2Config, TauConfig, WeightDecayConfig, JointConfig, Stage2SearchConfig, EvaluateConfig, ExportConfig]
)
def test_every_command_of_a_run_takes_it_as_a_word(kind: type[Any]) -> None:
    assert parse(kind, ["base"], "decouple x").settings.run == "base"


@pytest.mark.parametrize("kind", [DataCommandConfig, Stage1Config])
def test_csv_without_a_file_names_the_option_that_prints_a_table(kind: type[Any]) -> None:
    with pytest.raises(ConfigError, match=r"^--csv needs a value, a file; --as-csv prints the table as CSV$"):
        parse(kind, ["--csv"], "decouple data", call_options=TABLE)


def test_help_says_where_the_words_stand(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(Worded, ["--help"], "decouple worded")
    assert "usage: decouple worded RUN... [--options]" in capsys.readouterr().out
