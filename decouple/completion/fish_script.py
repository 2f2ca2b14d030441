"""The completion script of fish."""

from collections.abc import Sequence

from decouple.completion.options import NOTHING, RUN, CompletedCommand, CompletedOption, first_words, second_words

_RUNS = "(command ls -1 runs 2>/dev/null)"


def fish_script(commands: Sequence[CompletedCommand]) -> str:
    """Return the script for ~/.config/fish/completions/decouple.fish."""
    lines = ["complete -c decouple -n __fish_use_subcommand -f"]
    summaries = {command.name.split()[0]: command.summary for command in reversed(commands)}
    for first in first_words():
        lines.append(f"complete -c decouple -n __fish_use_subcommand -fa {first} -d {_quoted(summaries[first])}")
        for second in second_words(first):
            others = " ".join(second_words(first))
            unless = f"__fish_seen_subcommand_from {first}; and not __fish_seen_subcommand_from {others}"
            lines.append(f"complete -c decouple -n {_quoted(unless)} -fa {second}")
    for command in commands:
        condition = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in command.name.split())
        start = f"complete -c decouple -n {_quoted(condition)}"
        if command.follows in (RUN, NOTHING) or command.words:
            words = _RUNS if command.follows == RUN else " ".join(command.words)
            lines.append(f"{start} -fa {_quoted(words)}")
        lines += [f"{start} {_option(option)}" for option in command.options]
    return "\n".join(lines) + "\n"


def _option(option: CompletedOption) -> str:
    text = f"-l {option.flag.removeprefix('--')} -d {_quoted(option.help.partition(';')[0])}"
    if option.follows == NOTHING:
        return text
    if option.follows == RUN:
        return f"{text} -ra {_quoted(_RUNS)}"
    return f"{text} -ra {_quoted(' '.join(option.words))}" if option.words else f"{text} -r"


def _quoted(text: str) -> str:
    r"""Return a text in single quotes as fish reads them.

    Example:
        >>> _quoted("one's own")
        "'one\\'s own'"
    """
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
