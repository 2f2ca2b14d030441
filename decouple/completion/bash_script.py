"""The completion script of bash, which zsh reads too."""

import shlex
from collections.abc import Sequence

from decouple.completion.options import (
    NOTHING,
    RUN,
    WORDS,
    CompletedCommand,
    CompletedOption,
    first_words,
    second_words,
)

_FUNCTION = """\
# What may follow: options of a command; then, of an option, its kind and its words.
_decouple_options() {{ case "$1" in
{options}
esac; }}
_decouple_follows() {{ case "$1" in
{follows}
*) echo file;;
esac; }}
_decouple_runs() {{ command ls -1 "${{1:-runs}}" 2>/dev/null; }}
_decouple() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} name=${{COMP_WORDS[1]}} first=2 flag= runs= i
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{first_words} --help --version" -- "$cur")); return
  fi
  case "$name" in
{groups}
  esac
  for ((i = first; i < COMP_CWORD; i++)); do
    case "${{COMP_WORDS[i]}}" in
    --*) flag=${{COMP_WORDS[i]}}; [ "$flag" = --runs ] && runs=${{COMP_WORDS[i + 1]}};;
    esac
  done
  if [[ "$cur" == -* ]]; then
    COMPREPLY=($(compgen -W "$(_decouple_options "$name")" -- "$cur")); return
  fi
  [ "$cur" = "=" ] && cur=
  local previous=${{COMP_WORDS[COMP_CWORD - 1]}} kind
  [ "$previous" = "=" ] && previous=$flag
  kind=($(_decouple_follows "$name $flag"))
  if [ -z "$flag" ] || [ "${{kind[0]}}" = nothing ] ||
    {{ [ "${{kind[1]:-one}}" = one ] && [ "$previous" != "$flag" ]; }}; then
    kind=($(_decouple_follows "$name"))
  fi
  COMPREPLY=($(compgen -W "${{kind[*]:2}}" -- "$cur"))
  [ "${{kind[0]}}" = run ] && COMPREPLY+=($(compgen -W "$(_decouple_runs "$runs")" -- "$cur") $(compgen -d -- "$cur"))
  [ "${{kind[0]}}" = file ] && COMPREPLY+=($(compgen -f -- "$cur"))
}}
complete -o filenames -F _decouple decouple
"""
_GROUP = """\
  {name})
    if [ "$COMP_CWORD" -eq 2 ]; then COMPREPLY=($(compgen -W "{words}" -- "$cur")); return; fi
    name="$name ${{COMP_WORDS[2]}}" first=3;;"""


def bash_script(commands: Sequence[CompletedCommand]) -> str:
    """Return the script for `eval` in ~/.bashrc."""
    follows = [line for command in commands for line in _follows(command)]
    groups = [
        _GROUP.format(name=first, words=" ".join(second_words(first))) for first in first_words() if second_words(first)
    ]
    return _FUNCTION.format(
        options="\n".join(
            f"{shlex.quote(command.name)}) echo {' '.join(option.flag for option in command.options)};;"
            for command in commands
        ),
        follows="\n".join(follows),
        first_words=" ".join(first_words()),
        groups="\n".join(groups),
    )


def zsh_script(commands: Sequence[CompletedCommand]) -> str:
    """Return the script for `eval` in ~/.zshrc: that of bash, through zsh's own bridge."""
    return f"autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n{bash_script(commands)}"


def _follows(command: CompletedCommand) -> list[str]:
    """Return a line for the words of a command, and for each option that is followed by something of its own."""
    lines = [f"{shlex.quote(command.name)}) echo {command.follows} several {' '.join(command.words)};;"]
    lines += [
        f"{shlex.quote(f'{command.name} {option.flag}')}) echo {_kind(option)};;"
        for option in command.options
        if option.follows in (RUN, WORDS, NOTHING) or option.words or option.several
    ]
    return lines


def _kind(option: CompletedOption) -> str:
    count = "several" if option.several else "one"
    return " ".join([option.follows, count, *option.words])
