import io
import threading
import time

import pytest

from decouple import progress as progress_module
from decouple.log import console_log
from decouple.progress import Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    """A clock set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


def _plain(total: int | None = 10) -> tuple[Progress, io.StringIO, Clock]:
    stream, clock = io.StringIO(), Clock()
    return Progress("training", total=total, unit="images", stream=stream, clock=clock), stream, clock


def test_without_a_terminal_only_notes_are_written() -> None:
    progress, stream, _ = _plain()
    with progress:
        progress.advance(10, loss=1.0)
        progress.note("epoch 1/1 [bold]")
    assert stream.getvalue() == "epoch 1/1 [bold]\n"


def test_notes_are_two_seconds_apart_and_the_last_is_written() -> None:
    progress, stream, clock = _plain()
    with progress:
        for epoch in range(200):
            clock.now = epoch * 0.5
            progress.note(f"epoch {epoch}")
    # One every 4 epochs from 0 to 196, then the one held back at the end.
    assert stream.getvalue().split("\n")[:-1] == [f"epoch {epoch}" for epoch in [*range(0, 200, 4), 199]]


def test_the_last_note_is_not_written_twice() -> None:
    progress, stream, _ = _plain()
    with progress:
        progress.note("only")
    assert stream.getvalue() == "only\n"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("stream_type", [io.StringIO, Terminal])
def test_an_error_passes_through(error: type[BaseException], stream_type: type[io.StringIO]) -> None:
    class Failed:
        def __float__(self) -> float:
            raise RuntimeError("the device is lost")

    stream, clock = stream_type(), Clock()

    def loop() -> None:
        with Progress("outer", total=2, unit="trials", stream=stream, clock=clock) as outer:
            outer.advance()
            outer.advance(loss=Failed())
            outer.note("first")
            outer.note("last")
            raise error

    with pytest.raises(error):
        loop()
    assert "last" in stream.getvalue()
    assert progress_module._display is None
    if stream_type is Terminal:
        assert stream.getvalue().endswith("\x1b[?25h")  # the cursor is back


def test_a_terminal_gets_a_bar_with_speed_and_fields_in_one_line() -> None:
    stream, clock = Terminal(), Clock()
    with Progress("training", total=1000, unit="images", done=200, stream=stream, clock=clock) as progress:
        progress.advance(300, loss=2.34567, accuracy=45.678)
        assert "50%" in stream.getvalue()
        assert "loss 2.346  accuracy 45.7" in stream.getvalue()
        clock.now = 0.05
        progress.advance(100)
        assert "60%" not in stream.getvalue()  # too early to draw again
        clock.now = 0.2
        progress.advance(100, loss=1e-5)
        assert "70%" in stream.getvalue()
        assert "loss 1.0e-05  accuracy 45.7" in stream.getvalue()
    assert progress.done == 700


def test_fields_are_read_only_when_drawn() -> None:
    class Slow:
        read = 0

        def __float__(self) -> float:
            Slow.read += 1
            return 1.0

    with Progress("training", total=1000, unit="images", stream=Terminal(), clock=Clock()) as progress:
        for _ in range(100):
            progress.advance(1, loss=Slow())
        assert Slow.read == 1
    assert Slow.read == 2


def test_an_inner_progress_adds_a_line_and_takes_it_away() -> None:
    stream = Terminal()
    with Progress("tuning", total=2, unit="trials", stream=stream) as outer:
        display = progress_module._display
        assert display is not None
        with Progress("training", total=None, unit="images", stream=stream) as inner:
            assert progress_module._display is display
            inner.advance(5)
            inner.note("inside")
            assert [task.description for task in display.tasks] == ["tuning", "training"]
        assert [task.description for task in display.tasks] == ["tuning"]
        outer.advance()
    assert progress_module._display is None
    assert "inside" in stream.getvalue()


def test_one_that_outlives_the_display_stays_silent() -> None:
    stream = Terminal()
    outer = Progress("outer", total=2, unit="trials", stream=stream)
    inner = Progress("inner", total=2, unit="trials", stream=stream)
    with inner:  # opens the display
        outer.__enter__()
    outer.advance()
    outer.__exit__(None, None, None)
    assert progress_module._display is None


def test_threads_share_the_display() -> None:
    stream = Terminal()

    def work(name: str) -> None:
        with Progress(name, total=50, unit="images", stream=stream) as progress:
            for _ in range(50):
                progress.advance()
                progress.note("step")

    threads = [threading.Thread(target=work, args=(f"thread {i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert progress_module._display is None


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines(term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    stream = Terminal()
    with Progress("training", total=2, unit="images", stream=stream) as progress:
        progress.advance()
        progress.note("epoch 1")
    assert stream.getvalue() == "epoch 1\n"


def test_colour_forced_by_the_environment_brings_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    progress, stream, _ = _plain()
    with progress:
        progress.advance(10)
    assert stream.getvalue() == ""


def test_progress_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with console_log(), Progress("training", total=1, unit="images") as progress:
        progress.note("done")
    assert capsys.readouterr() == ("", "done\n")


def test_a_library_user_sees_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Progress("training", total=1, unit="images") as progress:
        progress.advance()
        progress.note("done")
    assert capsys.readouterr() == ("", "")


def test_a_reader_that_went_away_does_not_end_the_loop() -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(text)

    with Progress("training", total=1, unit="images", stream=Broken()) as progress:
        progress.note("epoch 1")
        progress.advance()
    assert progress.done == 1


def test_advancing_costs_next_to_nothing() -> None:
    with Progress("training", total=100_000, unit="images", stream=Terminal(), clock=Clock()) as progress:
        start = time.perf_counter()
        for _ in range(20_000):
            progress.advance(1, loss=1.0)
        assert (time.perf_counter() - start) / 20_000 < 2e-5  # about half a microsecond on an idle machine
