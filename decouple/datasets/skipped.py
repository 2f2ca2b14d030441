"""What is not read of a folder: counted, named, and said in a line."""

import os
from dataclasses import dataclass

_MAX_EXAMPLES = 3
_MAX_KINDS = 8  # kinds of files without a hint that the line lists


@dataclass(frozen=True)
class Skipped:
    """The files, or folders, that are not read for one reason."""

    noun: str  # "file", "hidden file", "folder", "link"
    reason: str  # follows the noun: "ending in .txt"; may be empty
    count: int
    examples: tuple[str, ...]  # the first paths, and "..." if there are more
    hint: str = ""  # what to do to have them read, where there is something

    def __str__(self) -> str:
        """Return "2 files ending in .txt (a/notes.txt, b/notes.txt)"; the hint is not part of it."""
        noun = self.noun if self.count == 1 else f"{self.noun}s"
        words = (f"{self.count:,}", noun, self.reason, f"({', '.join(self.examples)})")
        return " ".join(filter(None, words))


class SkippedCounter:
    """Counts what is not read, reason by reason.

    Example:
        >>> counter = SkippedCounter("moths")
        >>> counter.add("moths/a/notes.txt", "file", "ending in .txt")
        >>> counter.add("moths/b/notes.txt", "file", "ending in .txt")
        >>> [str(skipped) for skipped in counter.skipped()]
        ['2 files ending in .txt (a/notes.txt, b/notes.txt)']
    """

    def __init__(self, base: str = "") -> None:
        self._base = base  # examples are named relative to it
        self._paths: dict[tuple[str, str, str], tuple[int, list[str]]] = {}

    def add(self, path: str, noun: str, reason: str = "", hint: str = "", *, count: int = 1) -> None:
        """Count one path, or `count` things in it, that is not read."""
        key = (noun, reason, hint)
        total, examples = self._paths.get(key, (0, []))
        if len(examples) < _MAX_EXAMPLES:
            examples.append(os.path.relpath(path, self._base) if self._base else path)
        elif examples[-1] != "...":
            examples.append("...")
        self._paths[key] = (total + count, examples)

    def skipped(self) -> tuple[Skipped, ...]:
        """Return what has been counted, in the order of its first occurrence."""
        return tuple(
            Skipped(noun, reason, count, tuple(examples), hint)
            for (noun, reason, hint), (count, examples) in self._paths.items()
        )


def skipped_lines(skipped: tuple[Skipped, ...]) -> list[str]:
    """Return a line for each kind that has a hint, and one line for all other kinds.

    Example:
        >>> notes = Skipped("file", "ending in .txt", 1, ("a/notes.txt",))
        >>> phone = Skipped("file", "ending in .heic", 9, ("a/1.heic", "..."), hint="install the package pillow-heif")
        >>> skipped_lines((notes, phone))
        ['not read: 9 files ending in .heic (a/1.heic, ...); install the package pillow-heif', \
'not read: 1 file ending in .txt (a/notes.txt)']
    """
    lines = [f"not read: {kind}; {kind.hint}" for kind in skipped if kind.hint]
    others = [str(kind) for kind in skipped if not kind.hint]
    if len(others) > _MAX_KINDS:
        others = [*others[:_MAX_KINDS], f"and {len(others) - _MAX_KINDS} other kinds of files"]
    return [*lines, f"not read: {', '.join(others)}"] if others else lines
