import dataclasses
import re
import shutil
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch

from decouple.config.settings_yaml import from_yaml, to_yaml
from decouple.errors import ConfigError, DataError, RunError
from decouple.files.features import CachedViews
from decouple.files.results import FeaturesEntry
from decouple.files.run_dir import RunDir
from decouple.files.tensor_files import read_tensors, write_tensors
from stage1.settings import Stage1Config
from stage2.feature_cache import load_features
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config


@pytest.fixture
def base(runs: Path) -> RunDir:
    return RunDir(runs / "base")


def _config(**settings: Any) -> Stage2Config:
    return Stage2Config(**{"device": "cpu", "epochs": 1, "method": "crt", **settings})


def _no_images(*_: object) -> NoReturn:
    raise DataError("the images are gone")


def _change_weights(run: RunDir) -> None:
    tensors, metadata = read_tensors(run.weights("last"))
    write_tensors(run.weights("last"), {**tensors, "classifier.bias": tensors["classifier.bias"] + 1}, metadata)


def _halve(run: RunDir) -> None:
    path = run.features("last", "test")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _swap(run: RunDir) -> None:
    run.features("last", "test").write_bytes(run.features("last", "val").read_bytes())


def _lose(run: RunDir) -> None:
    run.features("last", "val").unlink()


DAMAGES = [
    (_change_weights, r"train\.safetensors belongs to other stage-one weights"),
    (_halve, r"test\.safetensors is damaged or not a file of decouple"),
    (_swap, r"test\.safetensors belongs to another split"),
    (_lose, r"val\.safetensors is missing"),
]


def test_features_come_from_the_cache(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stage2.feature_cache.open_training", _no_images)
    result = load_features(base, _config())
    assert {split: len(entry.labels) for split, entry in result.items()} == base.read_data().images


@pytest.mark.parametrize(("damage", "reason"), DAMAGES)
def test_a_cache_that_does_not_fit_is_made_again_with_the_reason(
    base: RunDir, damage: Any, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="decouple")
    before = {split: result.features.clone() for split, result in load_features(base, _config()).items()}
    damage(base)
    caplog.clear()
    again = load_features(base, _config())
    (line,) = caplog.messages
    assert line.endswith(": it has been made again")
    assert re.search(reason, line)
    assert all(torch.equal(again[split].features, before[split]) for split in before)
    caplog.clear()
    load_features(base, _config())
    assert not caplog.messages


@pytest.mark.parametrize(("damage", "reason"), DAMAGES)
def test_without_images_it_is_refused_with_both_reasons(
    base: RunDir, damage: Any, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(base)
    monkeypatch.setattr("stage2.feature_cache.open_training", _no_images)
    with pytest.raises(RunError, match=rf"{reason}.*, and it cannot be made again: the images are gone"):
        load_features(base, _config())


def test_a_refreshed_cache_is_the_same_bits(base: RunDir) -> None:
    before = load_features(base, _config())
    again = load_features(base, _config(refresh_features=True))
    assert all(torch.equal(again[split].stored, result.stored) for split, result in before.items())


@pytest.mark.parametrize(("precision", "dtype"), [("float16", torch.float16), ("bfloat16", torch.bfloat16)])
def test_half_needs_no_images_and_stays(
    precision: str, dtype: torch.dtype, base: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_features(base, _config())
    with monkeypatch.context() as patched:
        patched.setattr("stage2.feature_cache.open_training", _no_images)
        for wanted in (precision, "auto"):
            result = load_features(base, _config(feature_precision=wanted))
            assert all(torch.equal(result[split].stored, before[split].features.to(dtype)) for split in before)
    wide = load_features(base, _config(feature_precision="float32"))  # for which the images are read again
    assert all(torch.equal(wide[split].stored, before[split].stored) for split in before)


def test_float16_gives_every_method_nearly_the_same(base: RunDir) -> None:
    run_stage2(base, _config(method="all", epochs=2))
    before = base.read_stage2("last")
    run_stage2(base, _config(method="all", epochs=2, feature_precision="float16"))
    after = base.read_stage2("last")
    images = after["none"].metrics["test"]["images"]
    for name in before:
        assert after[name].metrics["test"]["top1"] == pytest.approx(
            before[name].metrics["test"]["top1"], abs=100 * 5 / images
        ), name


def test_views_are_cached_once(base: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    created = load_features(base, _config(views=3))["train"]
    assert isinstance(created.views, CachedViews)
    monkeypatch.setattr("stage2.feature_cache.open_training", _no_images)
    for count in (3, 2):
        result = load_features(base, _config(views=count))["train"].views
        assert isinstance(result, CachedViews)
        assert result.count == count
        assert torch.equal(result.stored, created.views.stored)
    with pytest.raises(RunError, match="holds 3 views of an image, and 4 are needed, and it cannot be made again"):
        load_features(base, _config(views=4))


def test_each_way_of_looking_trains_another_classifier_and_the_seed_decides(base: RunDir) -> None:
    weights = {}
    for views in (1, 2, "live"):
        run_stage2(base, _config(views=views))
        weights[views] = read_tensors(base.classifier("last", "crt"))[0]["weight"].clone()
        run_stage2(base, _config(views=views))
        assert torch.equal(read_tensors(base.classifier("last", "crt"))[0]["weight"], weights[views])
    assert not torch.equal(weights[1], weights[2])
    assert not torch.equal(weights[2], weights["live"])


def test_without_augmentation_live_is_the_clean_view(base: RunDir) -> None:
    stored = from_yaml(Stage1Config, base.config)
    base.config.write_text(to_yaml(dataclasses.replace(stored, augment="none", precision="fp32")))
    shutil.rmtree(base.path / "features")  # it may be in bfloat16
    classifiers = []
    for views in (1, "live"):
        run_stage2(base, _config(views=views))
        classifiers.append(read_tensors(base.classifier("last", "crt"))[0]["weight"].clone())
    torch.testing.assert_close(classifiers[0], classifiers[1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("views", [0, -1])
def test_views_that_make_no_sense(views: int) -> None:
    with pytest.raises(ConfigError, match=f"views must be 1 or more, or live, got {views}"):
        Stage2Config(views=views)


def test_results_say_what_was_looked_at(base: RunDir) -> None:
    run_stage2(base, _config(views=2, feature_precision="float16"))
    run_stage2(base, _config(method="ncm", views=2))
    entries = base.read_stage2("last")
    assert entries["crt"].features == FeaturesEntry(precision="float16", views=2)
    assert entries["ncm"].features == FeaturesEntry(precision="float16", views=1)
