import logging
from pathlib import Path

import pytest

from decouple.datasets.data import SourceImages
from decouple.datasets.folder import load
from decouple.datasets.settings import DataConfig
from decouple.datasets.skipped import skipped_lines
from decouple.errors import DataError


def _touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def _load(root: Path) -> SourceImages:
    return load(DataConfig(data="folder", root=str(root)))


def _counts(source: SourceImages) -> dict[str, list[int]]:
    """Return images per class of every split."""
    classes = range(len(source.class_names))
    return {
        split: [int((source.labels[indices] == label).sum()) for label in classes]
        for split, indices in source.splits.items()
    }


@pytest.mark.parametrize("train", ["train", "Train", "TRAINING", "training "])
@pytest.mark.parametrize(("val", "test"), [("val", "test"), ("Valid", "Testing"), ("VALIDATION", "TEST")])
def test_splits_are_recognised_in_any_case(tmp_path: Path, train: str, val: str, test: str) -> None:
    _touch(tmp_path, f"{train}/a/1.png", f"{train}/a/2.png", f"{train}/b/1.png", f"{val}/b/1.png", f"{test}/a/1.png")
    source = _load(tmp_path)
    assert source.class_names == ("a", "b")
    assert _counts(source) == {"train": [2, 1], "val": [0, 1], "test": [1, 0]}


@pytest.mark.parametrize(("first", "second", "split"), [("Train", "training", "train"), ("test", "testing", "test")])
def test_two_folders_for_one_split(tmp_path: Path, first: str, second: str, split: str) -> None:
    _touch(tmp_path, "train/a/1.png", "train/b/1.png", f"{first}/a/1.png", f"{second}/a/1.png")
    if split == "train":
        (tmp_path / "train").rename(tmp_path / "old")
    with pytest.raises(DataError, match=f"both {first}/ and {second}/, which are both the {split} split; rename"):
        _load(tmp_path)


def test_a_class_folder_beside_train_and_loose_images_are_counted_and_named(tmp_path: Path) -> None:
    _touch(tmp_path, "train/a/1.png", "train/b/1.png", "wasp/1.png", "wasp/2.png", "x.png", "train/y.jpg", "doc/z.txt")
    assert skipped_lines(_load(tmp_path).skipped) == [
        "not read: 2 images in folders beside train/ (wasp); if they are classes, move them into train/",
        "not read: 2 images outside class folders (x.png, train/y.jpg); put each into the folder of its class",
    ]


def test_a_test_folder_of_loose_images_is_no_split(tmp_path: Path) -> None:
    _touch(tmp_path, "train/a/1.png", "train/b/1.png", "test/1.png", "test/2.png")
    source = _load(tmp_path)
    assert list(source.splits) == ["train"]
    assert [(kind.noun, kind.reason, kind.count) for kind in source.skipped] == [("image", "outside class folders", 2)]


def test_test_beside_the_classes_is_a_split(tmp_path: Path) -> None:
    _touch(tmp_path, "a/1.png", "b/1.png", "Test/a/1.png", "Test/b/1.png", "Test/b/2.png")
    assert _counts(_load(tmp_path)) == {"train": [1, 1], "test": [1, 2]}


@pytest.mark.parametrize("names", [["test/1.png"], ["test/c/1.png"], ["val/a/1.png", "test/2.png"]])
def test_test_beside_the_classes_with_another_content_is_refused(tmp_path: Path, names: list[str]) -> None:
    _touch(tmp_path, "a/1.png", "b/1.png", *names)
    with pytest.raises(DataError, match=r"but no train/; move the class folders .* if test/ is a class, give it"):
        _load(tmp_path)


def test_splits_below_the_classes(tmp_path: Path) -> None:
    _touch(tmp_path, "a/train/1.png", "a/Test/1.png", "b/train/1.png", "b/train/2.png", "b/Test/1.png")
    source = _load(tmp_path)
    assert source.class_names == ("a", "b")
    assert _counts(source) == {"train": [1, 2], "test": [1, 1]}


def test_splits_below_some_classes_only(tmp_path: Path) -> None:
    _touch(tmp_path, "a/train/1.png", "a/test/1.png", "b/1.png")
    with pytest.raises(DataError, match=r"/a is divided into splits and .*/b is not; divide every class, or none"):
        _load(tmp_path)


def test_a_class_called_train(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _touch(tmp_path, "bus/1.png", "train/1.png", "train/2.png")
    with caplog.at_level(logging.INFO, "decouple"):
        source = _load(tmp_path)
    assert source.class_names == ("bus", "train")
    assert "train is read as a class" in caplog.text


def test_train_without_class_folders(tmp_path: Path) -> None:
    _touch(tmp_path, "train/1.png", "train/2.png", "test/1.png")
    with pytest.raises(DataError, match=r"train holds 2 images and no class folders; put the images of each class"):
        _load(tmp_path)


def test_images_straight_in_the_root(tmp_path: Path) -> None:
    _touch(tmp_path, "shots/1.png", "shots/2.png", "shots/3.png")
    with pytest.raises(DataError, match=r"holds 3 images and no class folders; put the images of each class into a f"):
        _load(tmp_path / "shots")


@pytest.mark.parametrize("parent", ["moths", "moths/Train"])
def test_a_root_that_is_a_class_folder(tmp_path: Path, parent: str) -> None:
    _touch(tmp_path, f"{parent}/a/1.png", f"{parent}/b/1.png")
    with pytest.raises(DataError, match=f"if a/ is one class, give root={tmp_path}/moths; otherwise put the images"):
        _load(tmp_path / parent / "a")


def test_a_root_that_holds_only_the_folder_with_the_splits(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _touch(tmp_path, "archive/moths/Train/a/1.png", "archive/moths/Train/b/1.png", "archive/moths/test/a/1.png")
    with caplog.at_level(logging.INFO, "decouple"):
        source = _load(tmp_path)
    assert _counts(source) == {"train": [1, 1], "test": [1, 0]}
    assert f"reading {tmp_path}/archive/moths, the only folder in {tmp_path}" in caplog.text


def test_a_root_that_holds_only_the_folder_with_the_classes(tmp_path: Path) -> None:
    _touch(tmp_path, "moths/a/1.png", "moths/b/1.png")
    advice = f"one class only, 'moths'.*If a, b are classes, give the folder {tmp_path}/moths$"
    with pytest.raises(DataError, match=advice):
        _load(tmp_path)


def test_the_folder_with_the_classes_lies_several_folders_below(tmp_path: Path) -> None:
    _touch(tmp_path, "data/moths/a/1.png", "data/moths/b/1.png")
    with pytest.raises(DataError, match=f"If a, b are classes, give the folder {tmp_path}/data/moths$"):
        _load(tmp_path)


def test_a_root_that_holds_several_data_sets(tmp_path: Path) -> None:
    _touch(tmp_path, "bees/train/a/1.png", "moths/train/a/1.png", "moths/train/b/1.png")
    with pytest.raises(DataError, match=f"holds no data set, but {tmp_path}/bees does; give root={tmp_path}/bees"):
        _load(tmp_path)


def test_a_root_that_is_a_split(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _touch(tmp_path, "train/a/1.png", "train/b/1.png", "Test/a/1.png")
    assert _load(tmp_path / "train").class_names == ("a", "b")
    assert f"train lies beside Test/, which is not read; give `root={tmp_path}` to read all splits" in caplog.text


@pytest.mark.parametrize(
    ("first", "second", "how"),
    [("Cat", "cat", "case"), ("cat", "cat ", "blanks"), ("caf\u00e9", "cafe\u0301", "the form of their accents")],
)
def test_class_names_that_differ_by_little(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, first: str, second: str, how: str
) -> None:
    _touch(tmp_path, f"one/{first}/1.png", f"one/{second}/1.png", f"two/train/{first}/1.png", "two/train/dog/1.png")
    assert len(_load(tmp_path / "one").class_names) == 2
    assert f"differ by {how} alone; they are trained as two classes" in caplog.text
    _touch(tmp_path, f"two/test/{second}/1.png")
    with pytest.raises(DataError, match=f"not in train/; it differs from '{first}' by {how} alone: give both folders"):
        _load(tmp_path / "two")


def test_a_class_of_images_that_need_a_plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("decouple.datasets.image_endings.readable_endings", lambda: (".png",))
    _touch(tmp_path, "a/1.png", "b/1.heic", "b/2.HEIC")
    with pytest.raises(DataError, match=r"no training image .*2 files ending in .heic \(b/1.heic, b/2.HEIC\); install"):
        _load(tmp_path)


def test_links_that_loop_and_folders_of_systems(tmp_path: Path) -> None:
    _touch(tmp_path, "a/1.png", "b/1.png", "__MACOSX/a/._1.png", "a/@eaDir/1.png", "a/Thumbs.db", "a/.DS_Store")
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a")
    (tmp_path / "b" / "up").symlink_to(tmp_path)
    (tmp_path / "outside").symlink_to(tmp_path / "b")  # a class may be a link
    source = _load(tmp_path)
    assert source.class_names == ("a", "b", "outside")
    assert _counts(source) == {"train": [1, 1, 1]}
    assert {(kind.noun, kind.reason): kind.count for kind in source.skipped} == {
        ("hidden folder", ""): 2,
        ("hidden file", ""): 1,
        ("file", "ending in .db"): 1,
        ("link", "to a folder that is read already, or contains the link"): 3,
    }


@pytest.mark.parametrize(
    "name",
    ["with blank", "q'uo\"te", "caf\u00e9 \u732b", "<script>alert(1)<", "=1+1", "n" * 200, "$x^2$", "[bold]", "a,b;c"],
)
def test_classes_of_any_name(tmp_path: Path, name: str) -> None:
    _touch(tmp_path, f"train/{name}/1.png", "train/b/1.png", f"test/{name}/1.png")
    source = _load(tmp_path)
    assert set(source.class_names) == {name, "b"}
    assert sorted(_counts(source)["test"]) == [0, 1]
