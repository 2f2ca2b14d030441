import pytest

from decouple.errors import ConfigError, DataError, DecoupleError, InterruptedRunError, RunError


@pytest.mark.parametrize("kind", [ConfigError, DataError, RunError])
def test_what_the_user_can_put_right_is_caught_at_one_place(kind: type[Exception]) -> None:
    assert issubclass(kind, DecoupleError)


def test_an_interrupt_is_no_error_of_the_user() -> None:
    assert not issubclass(InterruptedRunError, DecoupleError)


def test_arguments_are_written_as_the_reader_writes_them() -> None:
    error = RunError("use `val_fraction` above 0, choose with `folds=5`, or add `resume=True`; see `decouple runs`")
    assert str(error) == "use val_fraction above 0, choose with folds=5, or add resume=True; see `decouple runs`"
    assert (
        error.with_flags() == "use --val-fraction above 0, choose with --folds 5, or add --resume; see `decouple runs`"
    )
    assert RunError(f"again: {error.message}").with_flags() == f"again: {error.with_flags()}"
