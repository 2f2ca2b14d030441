import os
import signal
import threading

import pytest

from decouple.interrupt import deferred_interrupt


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_only_sets_the_flag(number: signal.Signals) -> None:
    with deferred_interrupt() as requested:
        assert not requested()
        os.kill(os.getpid(), number)
        assert requested()


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_the_second_signal_stops_at_once(second: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), deferred_interrupt() as requested:  # noqa: PT012
        os.kill(os.getpid(), signal.SIGINT)
        assert requested()
        os.kill(os.getpid(), second)
        pytest.fail("went on after the second signal")


@pytest.mark.parametrize("error", [None, ValueError()])
def test_the_handlers_before_come_back(error: Exception | None) -> None:
    def mine(_number: int, _frame: object) -> None:
        pass

    old = {entry: signal.signal(entry, mine) for entry in (signal.SIGINT, signal.SIGTERM)}
    try:
        try:
            with deferred_interrupt():
                assert signal.getsignal(signal.SIGINT) is not mine
                if error is not None:
                    raise error
        except ValueError:
            pass
        assert signal.getsignal(signal.SIGINT) is mine
        assert signal.getsignal(signal.SIGTERM) is mine
    finally:
        for entry, handler in old.items():
            signal.signal(entry, handler)


def test_nested_blocks_hand_the_handler_back_to_the_outer_one() -> None:
    with deferred_interrupt() as outer:
        with deferred_interrupt() as inner:
            os.kill(os.getpid(), signal.SIGINT)
            assert inner()
        assert not outer()
        os.kill(os.getpid(), signal.SIGINT)
        assert outer()


def test_in_another_thread_nothing_changes() -> None:
    before, result = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with deferred_interrupt() as requested:
            result.extend([requested(), signal.getsignal(signal.SIGINT) is before])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert result == [False, True]


def test_an_ignored_hangup_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with deferred_interrupt() as interrupted:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not interrupted()
    finally:
        signal.signal(signal.SIGHUP, before)
