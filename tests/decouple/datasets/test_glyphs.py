import importlib.util

import numpy as np
import pytest
from PIL import Image, ImageFilter

from decouple.datasets import glyph_fonts, glyphs
from decouple.datasets.glyph_alphabet import characters
from decouple.datasets.settings import DataConfig
from decouple.errors import ConfigError, DataError


def _pool(**options):
    return glyphs.load(DataConfig(data="glyphs", **options))


def test_every_class_has_its_images_in_three_splits():
    pool = _pool(classes=3, max_count=7)
    for split, count in {"train": 7, "val": 50, "test": 100}.items():
        assert np.bincount(pool.labels[pool.splits[split]]).tolist() == [count] * 3
    assert len(np.unique(np.concatenate(list(pool.splits.values())))) == len(pool.pixels) == 3 * 157


def test_500_training_images_by_default():
    assert len(_pool(classes=2).splits["train"]) == 1000


def test_images_are_colourful_bytes():
    images = _pool(classes=2, max_count=4).pixels.read(np.arange(4))
    assert images.shape == (4, 32, 32, 3)
    assert images.dtype == np.uint8
    assert images.std(axis=(1, 2, 3)).min() > 5
    assert np.ptp(images.mean(axis=(0, 1, 2))) > 1


def test_an_image_depends_on_its_class_and_number_alone():
    small, large = _pool(classes=3, max_count=2), _pool(classes=5, max_count=90)
    for split in ("train", "test"):
        one = small.pixels.read(small.splits[split][small.labels[small.splits[split]] == 2][:2])
        candidates = large.splits[split][large.labels[large.splits[split]] == 2]
        assert np.array_equal(one, large.pixels.read(candidates)[:2])  # read among 90, and alone


def test_images_differ_between_numbers_classes_and_splits():
    pool = _pool(classes=3, max_count=30)
    firsts = np.concatenate([pool.splits[split][::30] for split in pool.splits])
    assert len(np.unique(pool.pixels.read(firsts).reshape(len(firsts), -1), axis=0)) == len(firsts)


def test_the_images_of_a_class_show_its_character():
    # Brightness along the character's own mask differs from around it more for its own class than for another one.
    pool = _pool(classes=10, max_count=60)
    train = pool.splits["train"]
    grey = pool.pixels.read(train).mean(axis=3)
    shape = np.abs(grey - np.median(grey, axis=(1, 2), keepdims=True)).reshape(10, 60, -1)
    half, other = shape[:, :30].mean(axis=1), shape[:, 30:].mean(axis=1)
    half, other = (part - part.mean(axis=0) for part in (half, other))
    agreement = np.corrcoef(half, other)[:10, 10:]
    assert (agreement.argmax(axis=1) == np.arange(10)).mean() >= 0.7  # by chance 0.1


def test_class_names_are_unique_and_printable():
    names = _pool(classes=1000).class_names
    assert names[10] == "A U+0041"
    assert len(set(names)) == 1000
    assert all(name.isprintable() for name in names)


def test_more_classes_keep_the_first_ones():
    assert _pool(classes=1000).class_names[:7] == _pool(classes=7).class_names


def test_no_two_classes_look_alike():
    # In one font, at one size and slightly blurred; 0.89 is E and F, and another font library may differ a little.
    shapes = []
    for character in characters(1000):
        mask = glyph_fonts._mask(character, "DejaVuSans")
        assert mask.tobytes() != glyph_fonts._missing_mask("DejaVuSans").tobytes(), character
        small = mask.crop((4, 4, 44, 44)).resize((24, 24), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(0.7))
        shapes.append(np.asarray(small, dtype=float).ravel())
    unit = np.array(shapes) / np.linalg.norm(shapes, axis=1, keepdims=True)
    assert (unit @ unit.T - np.eye(1000)).max() < 0.92


def test_a_character_that_no_font_has_is_an_error():
    with pytest.raises(DataError, match=r"no font of matplotlib has the character U\+10FFFE"):
        glyph_fonts.character_masks("\U0010fffe")


def test_without_matplotlib_the_error_says_so(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="fonts of matplotlib; install it"):
        glyph_fonts._font_folder.__wrapped__()


def test_smaller_glyphs_are_means_of_the_drawing():
    index = np.arange(5)
    large, small = _pool(classes=3).pixels.read(index), _pool(classes=3, image_size=8).pixels.read(index)
    assert small.shape == (5, 8, 8, 3)
    assert small[3, 2, 5, 1] == np.rint(large[3, 8:12, 20:24, 1].mean())
    with pytest.raises(ConfigError, match="image_size of glyphs must be 4, 8, 16 or 32, got 12"):
        _pool(classes=3, image_size=12)
