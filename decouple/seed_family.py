"""Runs that differ in their seed alone: `--seeds 3 --name x` makes x-s0, x-s1 and x-s2, and x then means all three."""

import re
from pathlib import Path
from typing import Any

from decouple.config import read_yaml
from decouple.errors import RunError
from decouple.run_dir import RunDir, find_run, list_runs

NOT_COMPARED = frozenset({"seed", "seeds", "name", "runs", "resume", "device", "root"})  # change nothing but the draws


def member_name(name: str, seed: int) -> str:
    """Return the name of the run of one seed."""
    return f"{name}-s{seed}"


def members(name: str, root: Path) -> list[RunDir]:
    """Return the runs of all seeds of `name` under `root`, by seed."""
    found = {int(match[1]): run for run in list_runs(root) if (match := _match(name, run))}
    return [found[seed] for seed in sorted(found)]


def find_runs(path: str, root: str) -> list[RunDir]:
    """Return the run at `path`, or of that name under `root`; where there is none, the runs of all its seeds.

    Raises:
        RunError: there is neither.
    """
    try:
        return [find_run(path, root)]
    except RunError:
        place = Path(root) / path if Path(path).name == path else Path(path)
        found = [] if place.exists() else members(place.name, place.parent)
        if not found:
            raise
        return found


def seed_of(run: RunDir) -> int | None:
    """Return the seed that a run was trained with, None where its settings name none."""
    seed = read_yaml(run.config).get("seed")
    return seed if isinstance(seed, int) else None


def settings_but_seed(run: RunDir) -> dict[str, Any]:
    """Return the settings that runs of different seeds share."""
    return {name: value for name, value in read_yaml(run.config).items() if name not in NOT_COMPARED}


def _match(name: str, run: RunDir) -> re.Match[str] | None:
    return re.fullmatch(re.escape(name) + r"-s(\d+)", run.name)
