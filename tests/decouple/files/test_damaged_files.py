"""Every file of a run, damaged at every key: one sentence that names the file and the key."""

import copy
import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from decouple.classifier import Classifier, ClassifierMetadata, read_classifier, write_classifier
from decouple.errors import RunError
from decouple.evaluation.metrics import evaluate
from decouple.evaluation.statistics import compare_paired
from decouple.files.data_record import DataRecord, read_data
from decouple.files.features import CacheKey, read_features, write_features
from decouple.files.json_records import parse_record, record_to_json
from decouple.files.results import (
    CurveEntry,
    FeaturesEntry,
    MethodEntry,
    ParameterEntry,
    Results,
    SeedEntry,
    SelectionEntry,
    Stage1Entry,
    StudyEntry,
    TrialEntry,
    read_results,
)
from decouple.files.run_manifest import RunManifest, read_manifest
from decouple.files.tensor_files import TensorStream, read_metadata, write_tensors
from decouple.files.weights_metadata import WeightsMetadata
from stage1.checkpoint import CheckpointMetadata

METRICS = {split: evaluate(np.eye(3), np.arange(3), [300, 50, 2]) for split in ("val", "test")}
CORRECT = np.array([True, False, True])
METHOD = MethodEntry(
    method="tau",
    settings={"tau": None, "keep_bias": False},
    selection=SelectionEntry(
        values={"tau": 0.5},
        by="balanced accuracy",
        note="a note",
        selection_metric="balanced",
        split="val",
        candidates={"tau": (0.0, 0.5)},
        scores=(50.0, None),
    ),
    seconds=1.5,
    features=FeaturesEntry(precision="float32", views=1),
    metrics={"test": METRICS["test"]},
    weight_norms=(1.0, 2.0, 3.0),
    against_stage1=compare_paired(CORRECT, ~CORRECT, np.arange(3)),
    curve=CurveEntry(hyperparameter="tau", values=(0.0, 0.5), accuracy={"balanced": (50.0, None)}),
)
STUDY = StudyEntry(
    parameters=(ParameterEntry(name="sampler", log=False, values=("class", "sqrt")),),
    split="val",
    best={"lr": 0.1, "sampler": "class"},
    best_trial=1,
    balanced=50.0,
    tail=None,
    importance={"lr": 1.0},
    trials=(TrialEntry(trial=1, values={"lr": 0.1}, balanced=50.0, tail=None, seconds=1, ended="pruned"),),
    storage="here",
)
RECORDS: dict[str, object] = {
    "run.json": RunManifest(
        format=2, kind="stage1", created="2024-01-01", status="finished", tuned_from="a", settings_hash="b"
    ),
    "data.json": DataRecord(
        class_names=("a", "b", "c"),
        class_counts=(300, 50, 2),
        group_counts=(300, 50, 2),
        groups={"many": (0,), "medium": (1,), "few": (2,)},
        images={"train": 352, "val": 3, "test": 3},
        split_counts={"val": (1, 1, 1), "test": (1, 1, 1)},
        image_size=8,
        mean=(0.5,),
        std=(0.25,),
        flippable=True,
        bad_images=1,
        fingerprint="f",
    ),
    "results.json": Results(
        stage1={"last": Stage1Entry(epoch=1, metrics=METRICS, weight_norms=None)},
        stage2={"last": {"tau": METHOD}},
        stage2_seeds={"last": {"tau": (SeedEntry(seed=0, top1=1.0, balanced=2.0, groups=METRICS["test"]["groups"]),)}},
        tuning={"tau": STUDY},
    ),
    "weights.safetensors": WeightsMetadata(epoch=1, classifier="cosine", scale=16.0, fitted_here=True),
    "classifier.safetensors": ClassifierMetadata(kind="neighbours", scale=1.0, fingerprint="f", k=3),
    "features.safetensors": CacheKey("w", "d", "t", "val", "float16"),
    "checkpoint.safetensors": CheckpointMetadata(
        epoch=1, step=0, seconds=1.0, history=[{"loss": 1.0}], best_epoch=1, best_balanced=None, data="f"
    ),
}
READERS: dict[str, Callable[[Path], object]] = {
    "run.json": read_manifest,
    "data.json": read_data,
    "results.json": read_results,
}
# Keys that a user chooses, or that may be missing.
OPTIONAL = re.compile(
    r"tuned_from|settings_hash|fitted_here|stage1|stage2|stage2_seeds|tuning|"
    r"(stage1|tuning)\.\w+|(stage2|stage2_seeds)\.\w+(\.\w+)?|.*\.metrics\.val|"
    r".*\.settings\.\w+|.*\.selection\.\w+(\.tau)?|.*\.curve(\.accuracy\.balanced)?|.*\.best\.\w+|"
    r".*\.importance\.lr|.*\[0\]\.values\.lr|.*parameters\[0\]\.values|.*\[0\]\.ended|stage2_seeds\..*\.groups\..*|groups\.\w+|history\[0\]\.loss|"
    r".*\.per_class_precision|.*\.class_totals"
)
# Values of which any is valid: the settings of a method, which are those of its dataclass.
ANY = re.compile(r".*\.settings\.\w+")
WRONG_VALUES: tuple[object, ...] = ("x", 1.5, -1, True, None, [], ["x"], {}, {"x": 1})


def _paths(value: object, key: str = "") -> Iterator[str]:
    """Yield the path of every value: "a", "a.b", "a[0]"."""
    if key:
        yield key
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from _paths(entry, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for index, entry in enumerate(value[:2]):
            yield from _paths(entry, f"{key}[{index}]")


def _container(values: dict[str, Any], path: str) -> tuple[Any, Any]:
    """Return the mapping or list that holds the value at `path`, and its key."""
    keys: list[Any] = [int(name) if name.isdigit() else name for name in re.findall(r"[^.\[\]]+", path)]
    container: Any = values
    for key in keys[:-1]:
        container = container[key]
    return container, keys[-1]


def _read(folder: Path, name: str, values: object) -> object:
    if name in READERS:
        (folder / name).write_text(json.dumps(values))
        return READERS[name](folder / name)
    write_tensors(folder / name, {"a": torch.zeros(1)}, values)  # type: ignore[arg-type]
    return parse_record(type(RECORDS[name]), read_metadata(folder / name), folder / name)


def _refusal(name: str, values: dict[str, Any]) -> str:
    """Return the message about damaged values, "" where there is none."""
    try:
        parse_record(type(RECORDS[name]), values, Path("runs/a") / name)
    except RunError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", RECORDS)
def test_what_is_written_is_read(name: str, tmp_path: Path) -> None:
    assert _read(tmp_path, name, record_to_json(RECORDS[name])) == RECORDS[name]


@pytest.mark.parametrize("name", RECORDS)
def test_an_empty_mapping_and_an_unknown_key(name: str, tmp_path: Path) -> None:
    required = [
        field.name
        for field in dataclasses.fields(type(RECORDS[name]))  # type: ignore[arg-type]
        if field.default is field.default_factory is dataclasses.MISSING
    ]
    if required:  # all sections of results.json may be missing
        with pytest.raises(RunError, match=rf"/{name} is damaged: '{required[0]}' is missing"):
            _read(tmp_path, name, {})
    with pytest.raises(RunError, match=rf"/{name} is damaged: 'extra' is not known"):
        _read(tmp_path, name, {**record_to_json(RECORDS[name]), "extra": 1})


@pytest.mark.parametrize("name", RECORDS)
def test_a_missing_key_is_named(name: str, tmp_path: Path) -> None:
    values: dict[str, Any] = json.loads(json.dumps(record_to_json(RECORDS[name])))
    for path in _paths(values):
        damaged = copy.deepcopy(values)
        container, key = _container(damaged, path)
        if isinstance(container, list):
            continue
        del container[key]
        if OPTIONAL.fullmatch(path):
            _read(tmp_path, name, damaged)
            continue
        with pytest.raises(RunError, match=f"/{name} is damaged: ") as caught:
            _read(tmp_path, name, damaged)
        assert any(word in str(caught.value) for word in re.findall(r"\w+", path)), path


@pytest.mark.parametrize("name", RECORDS)
def test_a_value_of_another_type_is_named(name: str) -> None:
    values: dict[str, Any] = json.loads(json.dumps(record_to_json(RECORDS[name])))
    for path in _paths(values):
        if ANY.fullmatch(path):
            continue
        refusals = []
        for wrong in WRONG_VALUES:
            damaged = copy.deepcopy(values)
            container, key = _container(damaged, path)
            container[key] = wrong
            refusals.append(_refusal(name, damaged))
        assert sum(map(bool, refusals)) >= len(WRONG_VALUES) // 2, path
        assert all(re.match(rf"runs/a/{name} is damaged: '\w", refusal) for refusal in refusals if refusal), path


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"a": NaN}', "\x00"])
@pytest.mark.parametrize("name", READERS)
def test_a_file_that_holds_no_mapping(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(RunError, match=rf"/{name} is damaged"):
        READERS[name](tmp_path / name)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("group_counts", ["x"], r"'group_counts\[0\]' must be a whole number, got 'x'"),
        ("group_counts", [1, 2], "'group_counts' must hold 3 image counts, one a class"),
        ("class_counts", [1, -2, 3], "'class_counts' must hold 3 image counts"),
        ("images", {"train": 1}, "'images' must name train and the splits of 'split_counts', got train"),
        ("groups", {"many": [3]}, "'groups' must hold classes from 0 to 2"),
    ],
)
def test_counts_that_do_not_fit_the_classes(field: str, value: object, message: str, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=f"data.json is damaged: {message}"):
        _read(tmp_path, "data.json", {**record_to_json(RECORDS["data.json"]), field: value})


def test_a_damaged_classifier_and_damaged_features(tmp_path: Path) -> None:
    path, key = tmp_path / "classifier.safetensors", CacheKey("w", "d", "t", "val", "float32")
    write_classifier(path, Classifier("linear", torch.ones(3, 2)), "f")
    assert read_classifier(path, "f").kind == "linear"
    write_tensors(path, {"weight": torch.ones(3, 2)}, {"kind": "linear", "fingerprint": "f"})
    with pytest.raises(RunError, match=r"/classifier.safetensors is damaged: 'scale' is missing"):
        read_classifier(path, "f")
    path = tmp_path / "val.safetensors"
    write_features(path, TensorStream((1, 2), torch.float32, [torch.ones(1, 2)]), torch.zeros(1).long(), key)
    assert read_features(path, key).stored.shape == (1, 2)
    write_tensors(path, {"features": torch.ones(1, 2)}, {**record_to_json(key), "precision": 3})
    with pytest.raises(RunError, match=r"/val.safetensors is damaged: 'precision' must be one of float32.* got 3"):
        read_features(path, key)
