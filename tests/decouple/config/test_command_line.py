"""The command line of a command, and its settings file: values with their types, and one sentence for a mistake."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from decouple.config.command_line import parse
from decouple.config.fields import option
from decouple.config.settings_yaml import from_mapping, from_yaml
from decouple.config.yaml_file import read_yaml
from decouple.errors import ConfigError
from stage1.settings import Stage1Config


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One option of each sort."""

    epochs: int = option(10, "passes")
    lr: float = option(0.1, "learning rate, 90 % of the time")
    name: str = option("x", "text")
    side: int | None = option(None, "pixels")
    root: str | None = option(None, "folder")
    optimizer: Literal["sgd", "adam"] = option("sgd", "sgd or adam")
    resume: bool = option(False, "go on")
    milestones: tuple[int, ...] = option((3, 4), "epochs")


def _read(text: str | bytes, folder: Path) -> Sample:
    path = folder / "c.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return from_yaml(Sample, path)


def _complaint(*argv: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(Sample, list(argv), "decouple sample")
    return str(caught.value)


def _file_complaint(text: str | bytes, folder: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        _read(text, folder)
    message = str(caught.value)
    assert "\n" not in message
    assert str(folder / "c.yaml") in message
    return message.replace(str(folder / "c.yaml"), "FILE")


def test_without_options_all_stays_at_default() -> None:
    parsed = parse(Sample, [], "decouple sample")
    assert parsed.settings == Sample()
    assert parsed.explicit == frozenset()


def test_options_are_taken_with_their_types() -> None:
    line = "--epochs 3 --lr 1e-4 --name 5 --side 8 --optimizer adam --resume --milestones 7 8 9 --root=/a"
    parsed = parse(Sample, line.split(), "decouple sample")
    assert parsed.settings == Sample(
        epochs=3, lr=0.0001, name="5", side=8, optimizer="adam", resume=True, milestones=(7, 8, 9), root="/a"
    )
    assert parsed.explicit == {field.name for field in dataclasses.fields(Sample)}


def test_a_value_equal_to_the_default_still_counts_as_given() -> None:
    assert parse(Sample, ["--epochs", "10"], "decouple sample").explicit == {"epochs"}


@pytest.mark.parametrize("text", ["runs.yaml", "a: b", "[a]", "{a}", "1e-4", "true", "@x", "x y"])
def test_text_stays_the_text_that_was_typed(text: str) -> None:
    assert parse(Sample, ["--name", text], "decouple sample").settings.name == text


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--lrr", "1"], "unknown option '--lrr'. Did you mean '--lr'? See 'decouple sample --help'."),
        (["--lrr=1"], "unknown option '--lrr'. Did you mean '--lr'? See 'decouple sample --help'."),
        (["--lr.x", "1"], "unknown option '--lr.x'. Did you mean '--lr'? See 'decouple sample --help'."),
        (["--epoch", "1"], "unknown option '--epoch'. Did you mean '--epochs'? See 'decouple sample --help'."),
        (["--zzzzzzzz"], "unknown option '--zzzzzzzz'. See 'decouple sample --help'."),
        (["lr", "1"], "unexpected 'lr' after 'decouple sample'; options start with two dashes"),
        (["--lr", "1", "2"], "unexpected '2' after 'decouple sample'; options start with two dashes"),
        (["--lr", "x"], "--lr must be a number, got 'x'."),
        (["--lr", "nan"], "--lr must be a number, got 'nan'."),
        (["--lr", "1e999"], "--lr must be a number, got 'inf'."),
        (["--lr", "null"], "--lr must be a number, got 'None'."),
        (["--epochs", "1.5"], "--epochs must be a whole number, got '1.5'."),
        (["--epochs", "true"], "--epochs must be a whole number, got 'True'."),
        (["--side", "a"], "--side must be a whole number, got 'a'."),
        (["--optimizer", "sdg"], "--optimizer must be one of sgd, adam, got 'sdg'. Did you mean 'sgd'?"),
        (["--milestones", "3", "a"], "--milestones must be a list, each a whole number, got 'a'."),
        (["--milestones"], "--milestones needs a value"),
        (["--lr"], "--lr needs a value"),
        (["--resume=yes"], "--resume takes no value, got 'yes'"),
        (["--resume", "yes"], "unexpected 'yes' after 'decouple sample'; options start with two dashes"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_said_in_one_sentence(argv: list[str], message: str) -> None:
    assert _complaint(*argv) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lrr: 1", "unknown key 'lrr' in FILE. Did you mean 'lr'?"),
        ("milestone: [1]", "unknown key 'milestone' in FILE. Did you mean 'milestones'?"),
        ("5: 1", "unknown key '5' in FILE."),
        ("config: other.yaml", "unknown key 'config' in FILE."),
        ("lr: x", "'lr' in FILE must be a number, got 'x'."),
        ("lr: true", "'lr' in FILE must be a number, got 'True'."),
        ("lr: [1]", "'lr' in FILE must be a number, got '[1]'."),
        ("lr: null", "'lr' in FILE must be a number, got 'null'."),
        ("lr:", "'lr' in FILE must be a number, got 'null'."),
        ("lr: .nan", "'lr' in FILE must be a number, got 'nan'."),
        ("lr: -.inf", "'lr' in FILE must be a number, got '-inf'."),
        ("epochs: 2.5", "'epochs' in FILE must be a whole number, got '2.5'."),
        ("epochs: yes", "'epochs' in FILE must be a whole number, got 'True'."),
        ("name: 5", "'name' in FILE must be text, got '5'."),
        ("name: null", "'name' in FILE must be text, got 'null'."),
        ("name: {a: 1}", "'name' in FILE must be text, got '{'a': 1}'."),
        ("optimizer: adm", "'optimizer' in FILE must be one of sgd, adam, got 'adm'. Did you mean 'adam'?"),
        ("optimizer: null", "'optimizer' in FILE must be one of sgd, adam, got 'null'."),
        ("resume: 1", "'resume' in FILE must be true or false, got '1'."),
        ("resume: 'yes'", "'resume' in FILE must be true or false, got 'yes'."),
        ("milestones: 3", "'milestones' in FILE must be a list, each a whole number, got '3'."),
        ("milestones: [3, a]", "'milestones' in FILE must be a list, each a whole number, got 'a'."),
        ("milestones: [[3]]", "'milestones' in FILE must be a list, each a whole number, got '[3]'."),
        ("lr: 1\nepochs: 2\nlr: 3", "'lr' stands in FILE more than once; keep one of the lines"),
        ("- lr", "FILE must hold 'key: value' lines, not a list"),
        ("lr", "FILE must hold 'key: value' lines, not a str"),
        ("0", "FILE must hold 'key: value' lines, not a int"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_in_one_sentence(text: str, message: str, tmp_path: Path) -> None:
    assert _file_complaint(text, tmp_path) == message


@pytest.mark.parametrize(
    "text", ["lr: 1: 2", "{lr", "lr: *other", "lr: !!python/name:os.system ''", "lr: \x01", "? [a]\n: 1"]
)
def test_broken_yaml(text: str, tmp_path: Path) -> None:
    assert _file_complaint(text, tmp_path).startswith("FILE is not valid YAML: ")


def test_undecodable_bytes(tmp_path: Path) -> None:
    message = _file_complaint(b"\xff\xfe\x00", tmp_path)
    assert message.startswith("cannot read the settings file FILE: 'utf-8' codec can't decode byte 0xff")


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    index = tmp_path / "none.yaml"
    assert _complaint("--config", str(index)) == f"cannot read the settings file {index}: No such file or directory"
    assert _complaint("--config", str(tmp_path)) == f"cannot read the settings file {tmp_path}: Is a directory"


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_file_sets_nothing(text: str, tmp_path: Path) -> None:
    assert _read(text, tmp_path) == Sample()


def test_a_file_gives_values_with_their_types(tmp_path: Path) -> None:
    text = "lr: 1e-4\nepochs: 3\nside: null\nroot: /a\nresume: true\nmilestones: []\noptimizer: adam\nname: 1e-4\n"
    assert _read(text, tmp_path) == Sample(
        lr=0.0001, epochs=3, side=None, root="/a", resume=True, milestones=(), optimizer="adam", name="1e-4"
    )


@pytest.mark.parametrize(
    ("text", "value"), [("yes", "yes"), ("no", "no"), ("'no'", "no"), ("auto", "auto"), ("true", "yes")]
)
def test_yes_and_no_are_words_where_the_option_has_them(text: str, value: str, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(f"resident: {text}\n")
    assert from_yaml(Stage1Config, path).resident == value


@pytest.mark.parametrize(
    ("text", "value"), [("1e-4", 1e-4), ("1E3", 1000.0), ("5e-04", 5e-4), ("2", 2.0), ("-.5", -0.5)]
)
def test_numbers_as_people_write_them(text: str, value: float, tmp_path: Path) -> None:
    # YAML 1.1, which the library follows, takes 1e-4 for text, because it has no dot.
    assert _read(f"lr: {text}", tmp_path).lr == value


@pytest.mark.parametrize("file_first", [True, False])
def test_the_command_line_wins_wherever_it_stands(file_first: bool, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("lr: 4\nepochs: 5\nmilestones: [1, 2]")
    file, arguments = ["--config", str(path)], ["--lr", "3", "--milestones", "9"]
    parsed = parse(Sample, file + arguments if file_first else arguments + file, "decouple sample")
    assert parsed.settings == Sample(lr=3, epochs=5, milestones=(9,))
    assert parsed.explicit == {"lr", "epochs", "milestones"}


def test_of_an_option_given_twice_the_last_counts() -> None:
    assert parse(Sample, ["--lr", "1", "--lr", "2"], "decouple sample").settings.lr == 2


def test_what_the_settings_refuse_is_a_config_error_from_either_side(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("lr: 0")
    for argv in (["--lr", "0"], ["--config", str(tmp_path / "c.yaml")]):
        with pytest.raises(ConfigError, match=r"lr must be above 0, got 0\.0"):
            parse(Stage1Config, argv, "decouple stage1")


def test_read_yaml_gives_values_unchecked(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("a: [1, {b: 2}]")
    assert read_yaml(tmp_path / "c.yaml") == {"a": [1, {"b": 2}]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("loss_options: {1: 2}", "must be a mapping of names to numbers, texts, true or false, got '{1: 2}'"),
        ("loss_options: {gamma: 1, gamma: 2}", "'gamma' stands in .* more than once"),
        ("loss_options: 3", "must be a mapping of names"),
        ("loss_options: {gamma: [1, 2]}", "must be a mapping of names"),
    ],
)
def test_options_of_a_method_in_a_file(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        from_yaml(Stage1Config, tmp_path / "c.yaml")


def test_options_of_a_method_are_read_alike_from_words_and_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("loss: equalization\nloss_options: {gamma: 0.5, threshold: null}\n")
    arguments = ["--loss", "equalization", "--loss-options", "gamma=0.5", "threshold=none"]
    typed, read = parse(Stage1Config, arguments, "x").settings, from_yaml(Stage1Config, tmp_path / "c.yaml")
    assert typed.loss_options == {"gamma": 0.5, "threshold": "none"}
    assert read.loss_options == {"gamma": 0.5, "threshold": None}


def test_a_mapping_is_checked_as_a_file_is() -> None:
    assert from_mapping(Sample, {"lr": "1e-4", "milestones": [1]}, "here") == Sample(lr=1e-4, milestones=(1,))
    with pytest.raises(ConfigError, match=r"^unknown key 'lrr' in stage1 of g.yaml. Did you mean 'lr'\?$"):
        from_mapping(Sample, {"lrr": 1}, "stage1 of g.yaml")
