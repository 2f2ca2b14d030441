import json
import math

import pytest

from decouple.files.json_text import json_text


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        {"a": {}, "b": [], "c": [[]], "d": [{}]},
        {"ü \"quoted\"\n": "ü \\ \n", "none": None, "flag": True, "small": 1e-300, "large": 2**70},
        {"rows": [[1, 2.5], ["a", None]], "mixed": [1, {"a": [True]}, [[3]]]},
        (1, (2, 3)),
        "text",
    ],
)  # fmt: skip
def test_it_is_read_back_as_it_was(value: object) -> None:
    assert json.loads(json_text(value)) == json.loads(json.dumps(value))


@pytest.mark.parametrize("value", [math.nan, math.inf, [1.0, math.nan], {"a": [[-math.inf]]}])
def test_what_json_has_no_number_for_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text(value)


def test_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        json_text({"a": [object()]})
