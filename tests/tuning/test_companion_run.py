"""tau of a held-out share, used on the run that is trained on all images."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from decouple.config.settings_yaml import from_yaml
from decouple.datasets.arrays import ArrayImages
from decouple.errors import ConfigError
from decouple.files.run_dir import RunDir
from stage1.run import start_run
from stage1.settings import Stage1Config
from stage2.run_methods import run_stage2
from stage2.settings import Stage2Config
from tuning.search_runs import finish_retrained
from tuning.settings import TauConfig
from tuning.tau import tune_tau

RECIPES = Path(__file__).parents[2] / "decouple" / "recipes"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A run on 20, 10 and 5 images of three classes, each brighter than the last, without validation split."""
    folder = tmp_path_factory.mktemp("companion")
    labels = np.repeat([0, 1, 2, 0, 1, 2], [20, 10, 5, 5, 5, 5])
    noise = np.random.default_rng(0).integers(0, 90, (50, 8, 8, 3))
    pixels = (noise + 60 * labels[:, None, None, None]).astype(np.uint8)
    splits = {"train": np.arange(35), "test": np.arange(35, 50)}
    images = ArrayImages(pixels, labels, ("a", "b", "c"), splits, flippable=False).save(folder)
    settings = Stage1Config(data="arrays", root=str(images), val_fraction=0.0, epochs=1, device="cpu", name="base")
    return start_run(dataclasses.replace(settings, runs=str(folder / "runs")))


def test_tau_of_a_held_out_fifth_is_used_on_the_run(base: RunDir) -> None:
    tau = tune_tau(base, TauConfig(holdout=0.2, search="grid", trials=5, study="few", device="cpu"))
    companion = RunDir(base.path.parent / "base-held-out20")
    ours, theirs = (from_yaml(Stage1Config, run.config) for run in (base, companion))
    assert theirs == dataclasses.replace(ours, val_fraction=0.2, name="base-held-out20")
    # Of 20, 10 and 5 images a fifth is 4, 2 and 1.
    assert companion.read_data().split_counts["val"] == (4, 2, 1)
    assert companion.read_data().class_counts == (16, 8, 4)
    assert companion.read_stage2("last")["tau"].settings["tau"] == tau
    entry = base.read_stage2("last")["tau"]
    assert entry.settings["tau"] == entry.selection.values["tau"] == tau
    assert str(entry.selection.by).startswith(
        "balanced accuracy on 20 % of the training images, held out from base-held-out20, which is trained"
    )
    assert base.read_results().tuning["few"] == companion.read_results().tuning["few"]


def test_after_a_search_tau_comes_from_a_held_out_fifth(base: RunDir) -> None:
    finish_retrained([base], "tau", "cpu", {})
    assert "held out from base-held-out20" in str(base.read_stage2("last")["tau"].selection.by)


def test_methods_without_validation_choose_in_folds(base: RunDir) -> None:
    run_stage2(base, Stage2Config(method="logit_adjust", device="cpu"))
    entry = base.read_stage2("last")["logit_adjust"]
    assert "in 5 folds of training" in str(entry.selection.by)  # the smallest class has 5 images
    run_stage2(base, Stage2Config(method="crt", epochs=1, device="cpu"))
    assert base.read_stage2("last")["crt"].selection.by is None  # nothing to choose, so no folds


def test_a_run_with_validation_images_needs_no_companion(tmp_path: Path) -> None:
    settings = Stage1Config(fraction=0.2, ratio=10.0, epochs=1, device="cpu", name="base", runs=str(tmp_path))
    with pytest.raises(ConfigError, match=r"base has a validation split, .* leave out holdout"):
        tune_tau(start_run(settings), TauConfig(holdout=0.2, device="cpu"))


def test_folds_and_holdout_contradict_each_other() -> None:
    with pytest.raises(ConfigError, match="holdout and folds contradict each other"):
        TauConfig(holdout=0.2, folds=5)


@pytest.mark.parametrize("recipe", sorted(path.name for path in RECIPES.glob("tau-*.yaml")))
def test_the_recipes_train_on_all_images(recipe: str) -> None:
    text = (RECIPES / recipe).read_text()
    assert from_yaml(Stage1Config, RECIPES / recipe).val_fraction == 0
    assert f"`decouple stage1 --config {recipe.removesuffix('.yaml')} --name RUN`" in text
    assert "`decouple tune tau RUN --holdout 0.2 --search grid`" in text
