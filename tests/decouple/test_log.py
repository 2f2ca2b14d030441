import contextlib
import logging
import subprocess
import sys

import pytest

from decouple.log import already_said, console_log, logger, progress_logger


def test_lines_go_where_a_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    with console_log():
        logger.info("lws is left out: `loss=ldam` needs cosines")
        logger.warning("the cache is damaged")
        progress_logger.info("epoch 1/2")
    assert capsys.readouterr() == (
        "lws is left out: --loss ldam needs cosines\n",
        "the cache is damaged\nepoch 1/2\n",
    )


def test_remarks_leave_stdout_to_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    with console_log(on_stderr=True):
        logger.info("a remark")
    assert capsys.readouterr() == ("", "a remark\n")


def test_quiet_shows_warnings_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with console_log(quiet=True):
        logger.info("a remark")
        progress_logger.info("epoch 1/2")
        logger.warning("the cache is damaged")
    assert capsys.readouterr() == ("", "the cache is damaged\n")


def test_the_handler_is_there_for_the_block_alone(capsys: pytest.CaptureFixture[str]) -> None:
    before = (logger.level, list(logger.handlers))
    with contextlib.suppress(KeyboardInterrupt), console_log():
        assert logger.isEnabledFor(logging.INFO)
        raise KeyboardInterrupt
    assert (logger.level, list(logger.handlers)) == before
    logger.info("unseen")
    assert capsys.readouterr() == ("", "")


def test_a_reader_that_went_away_does_not_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str) -> int:
        raise BrokenPipeError(text)

    monkeypatch.setattr("sys.stdout.write", broken)
    with console_log():
        logger.info("a line")


def test_a_library_is_silent_unless_asked() -> None:
    program = "from decouple.log import logger; logger.warning('damaged')"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("", "")


def test_lines_that_were_read_before_are_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    with console_log():
        with already_said(["not read: 1 file"]):
            logger.info("not read: 1 file")
            logger.info("not read: 2 files")
        logger.info("not read: 1 file")
    assert capsys.readouterr().out == "not read: 2 files\nnot read: 1 file\n"
