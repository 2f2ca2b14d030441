"""Class and method names as printable text: names come from folders, so they may contain anything."""


def printable(name: str) -> str:
    """Return `name` on one line, without control characters and broken encodings; "?" when nothing remains."""
    one_line = " ".join(name.split())
    return "".join(letter for letter in one_line if letter.isprintable()).strip() or "?"


def shorten(name: str, limit: int) -> str:
    """Return `name` in at most `limit` characters; the end remains too, since similar names often differ there."""
    if len(name) <= limit:
        return name
    tail = (limit - 1) // 3
    return f"{name[: limit - 1 - tail].rstrip()}…{name[len(name) - tail :].lstrip()}"
