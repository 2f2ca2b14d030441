from decouple.docstrings import docstring_parts


class Full:
    """One line that sums it up.

    A second
    paragraph.

    And a third one.

    Source: Somebody et al., 2020,
    section 3.
    Use: sometimes.

    Args:
        first: what it is, in 0..1.
        second: what it is,
            on two lines.

    Raises:
        ValueError: never.
    """


class Bare:
    """One line."""


def test_all_parts() -> None:
    said = docstring_parts(Full)
    assert said.summary == "One line that sums it up."
    assert said.body == ("A second paragraph.", "And a third one.")
    assert (said.source, said.use) == ("Somebody et al., 2020, section 3.", "sometimes.")
    assert said.arguments == {"first": "what it is, in 0..1.", "second": "what it is, on two lines."}


def test_what_is_not_there_is_empty() -> None:
    said = docstring_parts(Bare)
    assert (said.summary, said.body, said.source, said.use, said.arguments) == ("One line.", (), "", "", {})
