import pytest

from decouple.errors import ConfigError, DataError, DecoupleError, InterruptedRunError, RunError


@pytest.mark.parametrize("kind", [ConfigError, DataError, RunError])
def test_what_the_user_can_put_right_is_caught_at_one_place(kind: type[Exception]) -> None:
    assert issubclass(kind, DecoupleError)


def test_an_interrupt_is_no_error_of_the_user() -> None:
    assert not issubclass(InterruptedRunError, DecoupleError)
