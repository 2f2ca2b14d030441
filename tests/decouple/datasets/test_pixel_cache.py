"""The cache of decoded images: the same images with and without it, and no file believed that differs."""

import os
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from decouple.datasets import image_files, load, pixel_cache
from decouple.datasets.image_files import FilePixels, LoadedFiles, MappedFiles
from decouple.datasets.load import load_data
from decouple.datasets.settings import DataConfig
from decouple.errors import DataError
from decouple.files.run_lookup import list_runs
from tests.decouple.datasets.cached_folder import IMAGE, cached_files, load_cached, pixels_of

HEADER = 128  # bytes before the pixels: numpy pads its header to a multiple of 64


def test_images_and_fingerprint_are_the_same_with_and_without(root, folder, decoded):
    plain, first = load_cached(root, None), load_cached(root, folder)
    assert len(decoded) == 22 + 22
    again = load_cached(root, folder)
    assert len(decoded) == 22 + 22  # none for the third
    assert pixels_of(plain)[plain.splits["train"], 0, 0, 0].max() == 190
    for data in (first, again):
        assert np.array_equal(pixels_of(data), pixels_of(plain))
        assert data.fingerprint == plain.fingerprint
        assert data.pixels.paths == plain.pixels.paths


def test_pixels_are_mapped_and_cannot_be_written(root, folder):
    for _ in range(2):
        pixels = load_cached(root, folder).pixels
        assert isinstance(pixels, LoadedFiles)
        assert isinstance(pixels.array.base, np.memmap)
        assert not pixels.array.flags.writeable
        assert type(pixels.read(np.array([0]))) is np.ndarray


def test_the_file_is_a_plain_array_and_a_line_behind_it(root, folder):
    data = load_cached(root, folder)
    (name,) = cached_files(folder)
    assert re.fullmatch(r"images-[0-9a-f]{16}-[0-9a-f]{32}\.npy", name)
    assert np.array_equal(np.load(folder / name), data.pixels.array)
    key = name[-36:-4]
    behind = (folder / name).read_bytes()[HEADER + 22 * IMAGE :]
    assert re.fullmatch(rb'\{"key": "%s", "crc32": \d+\}\n' % key.encode(), behind)


def test_no_run_is_seen_in_the_cache(root, folder):
    load_cached(root, folder)
    assert list_runs(folder.parent) == []


def _touch(path):
    os.utime(path, ns=(1, 1))


def _change_size(path):
    Image.new("RGB", (5, 5), (255, 255, 255)).save(path)


def _change_in_secret(path):
    """Other content of the same size, with the old time of modification."""
    status, content = path.stat(), bytearray(path.read_bytes())
    Image.new("RGB", (4, 4), (7, 0, 0)).save(path)
    path.write_bytes(path.read_bytes().ljust(len(content), b"\0"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)


def _add(path):
    shutil.copy(path, path.with_name("99.png"))


@pytest.mark.parametrize("change", [_touch, _change_size, _change_in_secret, _add, os.unlink])
def test_another_state_of_the_files_takes_the_place_of_the_cache(root, folder, change):
    load_cached(root, folder)
    before = cached_files(folder)
    change(root / "train" / "b" / "01.png")
    data = load_cached(root, folder)
    assert np.array_equal(pixels_of(data), pixels_of(load_cached(root, None)))
    after = cached_files(folder)
    assert len(after) == 1
    assert after != before


@pytest.mark.parametrize("left", [0, 50, HEADER, HEADER + IMAGE, HEADER + 22 * IMAGE, -1])
def test_a_truncated_file_is_made_again_with_a_line(root, folder, caplog, left):
    complete = pixels_of(load_cached(root, folder))
    (name,) = cached_files(folder)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:left])
    assert np.array_equal(pixels_of(load_cached(root, folder)), complete)
    line = f"the cached images {folder / name} are damaged (it is incomplete); they are decoded again"
    assert caplog.messages == [line]
    assert (folder / name).read_bytes() == content


@pytest.mark.parametrize(
    ("place", "reason"), [(HEADER + 100, "its checksum is wrong"), (60, "it holds something else"), (-20, "")]
)
def test_a_changed_byte_is_noticed(root, folder, caplog, place, reason):
    complete = pixels_of(load_cached(root, folder))
    (name,) = cached_files(folder)
    content = bytearray((folder / name).read_bytes())
    content[place] ^= 1
    (folder / name).write_bytes(content)
    assert np.array_equal(pixels_of(load_cached(root, folder)), complete)
    assert f"are damaged ({reason}" in caplog.text


def test_another_keys_file_is_not_believed(root, folder, caplog):
    load_cached(root, folder)
    (old,) = cached_files(folder)
    shutil.copy(folder / old, folder / "kept")
    _change_size(root / "train" / "b" / "01.png")
    complete = pixels_of(load_cached(root, folder))
    (new,) = cached_files(folder, "*.npy")
    os.replace(folder / "kept", folder / new)
    assert np.array_equal(pixels_of(load_cached(root, folder)), complete)
    assert "holds something else" in caplog.text


def test_images_larger_than_the_memory_are_mapped(root, folder, monkeypatch, decoded):
    monkeypatch.setattr(load, "_MAX_BYTES_IN_MEMORY", 22 * IMAGE - 1)
    plain, first, again = load_cached(root, None), load_cached(root, folder), load_cached(root, folder)
    assert isinstance(plain.pixels, FilePixels)
    assert not isinstance(plain.pixels, MappedFiles)
    assert len(decoded) == 22
    for data in (first, again):
        assert isinstance(data.pixels, MappedFiles)
        assert isinstance(data.pixels.array.base, np.memmap)
        assert data.fingerprint == plain.fingerprint
        assert np.array_equal(data.pixels.read(np.array([5, 3, 5])), plain.pixels.read(np.array([5, 3, 5])))
    assert len(decoded) == 22 + 2 * 3


def test_a_bad_image_is_named_and_nothing_is_kept(root, folder, monkeypatch):
    (root / "train" / "b" / "01.png").write_bytes(b"no image")
    for most in (22 * IMAGE, 0):
        monkeypatch.setattr(load, "_MAX_BYTES_IN_MEMORY", most)
        with pytest.raises(DataError, match=r"cannot read the image .*01\.png"):
            load_cached(root, folder)
    assert not folder.parent.exists()


def test_bad_images_are_left_out_with_a_cache_too(root, folder, decoded):
    bad = root / "train" / "b" / "01.png"
    good, _ = bad.read_bytes(), bad.write_bytes(b"no image")
    plain, first = (load_cached(root, place, skip_bad_images=True) for place in (None, folder))
    decoded.clear()
    again = load_cached(root, folder, skip_bad_images=True)
    assert decoded == ["01.png"]  # it alone is tried once more
    for data in (first, again):
        assert data.bad_images == plain.bad_images == 1
        assert data.fingerprint == plain.fingerprint
        assert np.array_equal(pixels_of(data), pixels_of(plain))
    bad.write_bytes(good)
    repaired = load_cached(root, folder, skip_bad_images=True)
    assert (repaired.bad_images, len(repaired.pixels)) == (0, 22)
    assert len(cached_files(folder, "images-*")) == len(cached_files(folder, "readable-*")) == 1


def test_an_image_that_could_not_be_read_once_is_not_bad_forever(root, folder, monkeypatch):
    read = image_files.read_image

    def failing(path, size):
        if path.endswith("01.png"):
            raise DataError("the network is down")
        return read(path, size)

    monkeypatch.setattr(image_files, "read_image", failing)
    assert load_cached(root, folder, skip_bad_images=True).bad_images == 1
    monkeypatch.setattr(image_files, "read_image", read)
    data = load_cached(root, folder, skip_bad_images=True)
    assert (data.bad_images, len(data.pixels)) == (0, 22)


def test_the_least_recently_used_of_several_sources_goes(root, folder, monkeypatch):
    monkeypatch.setattr(pixel_cache, "MAX_ARRAYS", 2)
    created = []
    for fraction in (1, 0.5):
        load_cached(root, folder, fraction=fraction)
        created += [name for name in cached_files(folder) if name not in created]
    for age, name in enumerate(created):
        os.utime(folder / name, (100 - age, 100 - age))  # the first is the younger
    load_cached(root, folder, fraction=1)  # used now
    load_cached(root, folder, fraction=0.2)
    assert len(cached_files(folder)) == 2
    assert created[0] in cached_files(folder)
    assert created[1] not in cached_files(folder)
    assert len(list(folder.glob(".*.lock"))) == 2


def test_settings_that_choose_no_images_share_one_file(root, folder):
    load_cached(root, folder, val_fraction=0.1)
    load_cached(root, folder, val_fraction=0.3, longtailed_test=False)
    assert len(cached_files(folder)) == 1


@pytest.mark.parametrize("what", ["decoding", "pillow", "size"])
def test_the_key_covers_how_files_are_read(root, monkeypatch, what):
    files = FilePixels((str(root / "train" / "b" / "01.png"),), 4)
    before = pixel_cache.key_of(files)
    assert before == pixel_cache.key_of(files)
    if what == "decoding":
        monkeypatch.setattr(pixel_cache, "DECODER_VERSION", pixel_cache.DECODER_VERSION + 1)
    elif what == "pillow":
        monkeypatch.setattr(pixel_cache.PIL, "__version__", "0")
    else:
        files = FilePixels(files.paths, 5)
    assert pixel_cache.key_of(files) != before


def test_data_in_one_file_are_not_cached(folder):
    load_data(DataConfig(), cache_folder=folder)
    assert not folder.exists()
