"""Class and method names made fit to show: names come from folders, so they may hold anything."""


def printable(name: str) -> str:
    """Return `name` on one line, without control characters or halves of broken encodings ("?" when none is left)."""
    one_line = " ".join(name.split())
    return "".join(letter for letter in one_line if letter.isprintable()).strip() or "?"


def shorten(name: str, limit: int) -> str:
    """Return `name` in at most `limit` characters; the end is kept as well, where near twins often differ."""
    if len(name) <= limit:
        return name
    tail = (limit - 1) // 3
    return f"{name[: limit - 1 - tail].rstrip()}…{name[len(name) - tail :].lstrip()}"
