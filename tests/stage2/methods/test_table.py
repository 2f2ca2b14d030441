import dataclasses

import pytest

from stage2.candidates import make_method
from stage2.methods import METHODS
from stage2.settings import Stage2Config


@pytest.mark.parametrize("name", METHODS)
def test_defaults_are_those_of_the_command(name: str) -> None:
    assert make_method(name, Stage2Config()) == METHODS[name]()
    of_command = {field.name: field.default for field in dataclasses.fields(Stage2Config)}
    for field in dataclasses.fields(METHODS[name]):
        assert of_command[field.name] in (field.default, None, dataclasses.MISSING), field.name
