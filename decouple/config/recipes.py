"""The settings file that `--config` names: a file of the user, or a recipe that the package holds."""

from collections.abc import Iterable
from pathlib import Path

from decouple.config.yaml_file import read_yaml
from decouple.errors import ConfigError
from decouple.nearest_name import did_you_mean

FOLDER = Path(__file__).parent.parent / "recipes"
LIST = "list"  # the value of `--config` that asks for the names


def settings_file(name: str) -> Path:
    """Return the file of the user at the path `name`, else the recipe of that name, with or without ".yaml".

    Raises:
        ConfigError: there is neither.

    Example:
        >>> settings_file("gcl").name
        'gcl.yaml'
    """
    path = Path(name)
    if path.exists() or path.parent != Path():
        return path  # a missing file is an error of its reader
    recipe = FOLDER / f"{path.name.removesuffix('.yaml')}.yaml"
    if not recipe.exists():
        near = did_you_mean(recipe.stem, [path.stem for path in _recipes()])
        raise ConfigError(f"there is no settings file {name}, and no recipe of that name.{near} See `config=list`.")
    return recipe


def recipe_list(known: Iterable[str]) -> str:
    """Return a line for each recipe of a command: its name and what it is.

    Args:
        known: the settings of the command; a recipe that sets another one is for another command.
    """
    settings = set(known)
    recipes = [path for path in _recipes() if set(read_yaml(path)) <= settings]
    width = max((len(path.stem) for path in recipes), default=0)
    lines = [f"{path.stem:<{width}}  {_title(path)}" for path in recipes]
    return "\n".join([*(lines or ["there is no recipe for this command"]), ""])


def _recipes() -> list[Path]:
    return sorted(FOLDER.glob("*.yaml"), key=lambda path: path.stem)


def _title(path: Path) -> str:
    """Return the first sentence of the comment at the head of a recipe, and the data that it sets."""
    text = path.read_text(encoding="utf-8").partition("\n# Source: ")[0]
    comment = " ".join(line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#"))
    sentence = comment.partition(": decouple ")[0].partition(". ")[0].rstrip(".")
    values = read_yaml(path)
    data = [str(values[key]) for key in ("data", "profile", "ratio") if key in values]
    return f"{sentence} ({' '.join(data)})" if data else sentence
