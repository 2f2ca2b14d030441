"""The cache of decoded images where the disk is full, a process waits for another, or one ends early."""

import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from decouple.datasets import image_files, load, pixel_cache
from tests.decouple.datasets.cached_folder import IMAGE, cached_files, load_cached, pixels_of


def _touch(path):
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize(("most", "lost"), [(22 * IMAGE, "command"), (22 * IMAGE - 1, "epoch")])
def test_a_disk_without_room_costs_a_line(root, folder, monkeypatch, caplog, decoded, most, lost):
    monkeypatch.setattr(load, "_MAX_BYTES_IN_MEMORY", most)
    free = 22 * IMAGE + pixel_cache.MIN_FREE_BYTES - 1
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(2 * free, free, free))
    data = load_cached(root, folder)
    assert len(decoded) == (22 if lost == "command" else 0)
    line = rf"the images cannot be cached in {folder}: they take 0\.0 MB.*; every {lost} decodes them"
    assert [bool(re.fullmatch(line, message)) for message in caplog.messages] == [True]
    assert cached_files(folder) == []
    assert data.fingerprint == load_cached(root, None).fingerprint
    assert np.array_equal(pixels_of(data), pixels_of(load_cached(root, None)))


def test_a_folder_that_cannot_be_made_costs_a_line(root, tmp_path, caplog):
    (tmp_path / "runs").write_text("a file")
    data = load_cached(root, tmp_path / "runs" / ".cache", skip_bad_images=True)
    assert np.array_equal(pixels_of(data), pixels_of(load_cached(root, None)))
    assert len(caplog.messages) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_read_all_the_same(root, folder, caplog, decoded):
    load_cached(root, folder)
    folder.chmod(0o500)
    load_cached(root, folder)
    assert (len(decoded), caplog.messages) == (22, [])
    _touch(root / "train" / "b" / "01.png")
    load_cached(root, folder)
    folder.chmod(0o700)
    assert "Permission denied; every command decodes them" in caplog.text


PROGRAM = """
import resource, signal, sys, time
from pathlib import Path
from decouple.datasets import image_files
from decouple.datasets.load import load_data
from decouple.datasets.settings import DataConfig
from decouple.log import console_log
count, read = 0, image_files.read_image
def noted(path, size):
    global count
    count += 1
    time.sleep(float(sys.argv[3]))
    return read(path, size)
image_files.read_image = noted
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
if len(sys.argv) > 4:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
config = DataConfig(data="folder", root=sys.argv[1], image_size=4)
with console_log():
    print(load_data(config, cache_folder=Path(sys.argv[2])).fingerprint, count)
"""


def _start(root, folder, *arguments):
    command = [sys.executable, "-c", PROGRAM, str(root), str(folder), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_disk_that_fills_up_meanwhile_costs_a_line_and_leaves_nothing(root, folder):
    out, errors = _start(root, folder, 0, 500).communicate(timeout=60)  # bytes that a file may have
    assert out.split() == [load_cached(root, None).fingerprint, "22"]  # and none is decoded twice
    assert re.fullmatch(r"the images cannot be cached in .*: File too large; every command decodes them\n", errors)
    assert cached_files(folder) == cached_files(folder, ".*") == []


def test_of_two_processes_one_decodes_and_the_other_waits(root, folder):
    both = [_start(root, folder, 0.1) for _ in range(2)]
    answers = [process.communicate(timeout=60) for process in both]
    known = load_cached(root, None).fingerprint
    assert {out.split()[0] for out, _ in answers} == {known}
    assert sorted(out.split()[1] for out, _ in answers) == ["0", "22"]
    assert {errors for _, errors in answers} <= {"", "another process is decoding the same images; waiting for it\n"}
    assert len(cached_files(folder)) == 1


@pytest.mark.parametrize("most", [22 * IMAGE, 0])  # bytes in memory
def test_an_interrupt_leaves_nothing(root, folder, monkeypatch, most):
    monkeypatch.setattr(load, "_MAX_BYTES_IN_MEMORY", most)

    def interrupted(path, size):
        raise KeyboardInterrupt

    monkeypatch.setattr(image_files, "read_image", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_cached(root, folder)
    assert cached_files(folder) == cached_files(folder, ".*") == []


def test_what_a_killed_process_left_is_removed(root, folder):
    load_cached(root, folder)
    (name,) = cached_files(folder)
    (folder / name).rename(folder / f".{name}.0123456789abcdef.part")
    load_cached(root, folder)
    assert (cached_files(folder), cached_files(folder, ".*.part")) == ([name], [])
