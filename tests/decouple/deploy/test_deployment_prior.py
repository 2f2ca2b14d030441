"""The prior of deployment, as it is written on the command line and in files."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from decouple.deploy.deployment_prior import read_deployment_prior
from decouple.errors import ConfigError, DataError
from decouple.files.data_record import DataRecord

RECORD = DataRecord(
    class_names=("wren", "owl, barn", "日本"),
    class_counts=(6, 3, 1),
    group_counts=(6, 3, 1),
    groups={},
    images={"train": 10, "test": 3},
    split_counts={"test": (1, 1, 1)},
    image_size=8,
    mean=(0.5,) * 3,
    std=(0.5,) * 3,
    flippable=True,
    bad_images=0,
    fingerprint="0",
)


def test_train_is_the_share_of_the_training_images_and_uniform_one_third() -> None:
    np.testing.assert_allclose(read_deployment_prior("train", RECORD), [0.6, 0.3, 0.1])
    np.testing.assert_allclose(read_deployment_prior("uniform", RECORD), [1 / 3] * 3)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.csv", 'class,count\n日本,5\n"owl, barn",5\nwren,10\n'),
        ("p.csv", '\ufeff日本,0.25\r\n\r\n"owl, barn",0.25\r\nwren,0.5\r\n'),
        ("p.csv", "'wren,2\n'日本,1\n\"owl, barn\",1\n"),
        ("p.yaml", "wren: 4\nowl, barn: 2\n日本: 2\n"),
        ("p.JSON", '{"wren": 2, "owl, barn": 1, "日本": 1.0}'),
    ],
)
def test_a_table_is_read_by_class_name_in_any_order(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    np.testing.assert_allclose(read_deployment_prior(str(tmp_path / name), RECORD), [0.5, 0.25, 0.25])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("wren;2\nowl, barn;1\nbœuf;1\n", "cp1252"),
        ('wren,2\n"owl, barn",1\nbœuf,1\n', "utf-8-sig"),
        ("wren\t2\nowl, barn\t1\nbœuf\t1\n", "utf-16"),
    ],
)
def test_a_table_is_read_as_spreadsheets_write_it(text: str, encoding: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(text, encoding=encoding)
    record = dataclasses.replace(RECORD, class_names=("wren", "owl, barn", "bœuf"))
    np.testing.assert_allclose(read_deployment_prior(str(tmp_path / "p.csv"), record), [0.5, 0.25, 0.25])


def test_a_prior_may_be_written_out() -> None:
    text = '{"wren": 2, "owl, barn": 1, "日本": 1}'
    np.testing.assert_allclose(read_deployment_prior(text, RECORD), [0.5, 0.25, 0.25])
    with pytest.raises(DataError, match=r"names 'owl', which is no class.*\(given as a mapping\)"):
        read_deployment_prior('{"owl": 1}', RECORD)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("p.csv", "wren,1\nwren,2\n", "class 'wren' has two values"),
        ("p.csv", "wren,1\nowl\n", "entry 2 must be a class and a number, got 'owl'"),
        ("p.csv", "class,share\nwren,1\n", r"no value for 2 of 3 classes, the first is 'owl, barn'.*p\.csv"),
        ("p.json", '{"wrem": 1}', "names 'wrem', which is no class"),
        ("p.json", '{"wren": "1"}', "must map the names of classes to numbers"),
        ("p.json", "[1, 2]", "must map the names of classes to numbers"),
        ("p.json", '{"wren": 1, "wren": 1}', "class 'wren' has two values"),
        ("p.json", "{", "cannot be read"),
        ("p.yml", "wren: many\n", "must map the names of classes to numbers"),
    ],
)
def test_a_damaged_table_is_refused_in_a_sentence(name: str, text: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=sentence):
        read_deployment_prior(str(tmp_path / name), RECORD)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(b"wren\x81,1\n")
    with pytest.raises(DataError, match="it is not a text file"):
        read_deployment_prior(str(tmp_path / "p.csv"), RECORD)


def test_another_word_is_no_prior() -> None:
    with pytest.raises(ConfigError, match=r"must be train, uniform or a \.csv, \.json or \.yaml file, got 'trian'"):
        read_deployment_prior("trian", RECORD)
