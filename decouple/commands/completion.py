"""`decouple completion`: print the script that completes commands and options in a shell."""

from decouple.completion.bash_script import bash_script, zsh_script
from decouple.completion.fish_script import fish_script
from decouple.completion.options import completed_commands
from decouple.config.command_line import Parsed
from decouple.config.command_settings import CompletionConfig

SCRIPTS = {"bash": bash_script, "zsh": zsh_script, "fish": fish_script}


def run(parsed: Parsed[CompletionConfig]) -> None:
    """Print the script of a shell."""
    print(SCRIPTS[parsed.settings.shell](completed_commands()), end="")
