"""Runs that differ in their seed alone: `--seeds 3 --name x` makes x-s0, x-s1 and x-s2, and x then means all three."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from decouple.config.yaml_file import read_yaml
from decouple.errors import ConfigError, RunError
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run, list_runs

# What changes nothing but the draws.
NOT_COMPARED = frozenset({"seed", "seeds", "name", "runs", "resume", "device", "root", "no_image_cache"})


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


def first_of(runs: Sequence[RunDir], seeds: int) -> Sequence[RunDir]:
    """Return the first `seeds` of the runs of several seeds, all of them where that is 1.

    Raises:
        ConfigError: there are fewer.
    """
    if seeds > len(runs):
        names = ", ".join(run.name for run in runs)
        raise ConfigError(f"--seeds {seeds} asks for as many runs, but there are {len(runs)}: {names}")
    return runs[:seeds] if seeds > 1 else runs


def seed_of(run: RunDir) -> int | None:
    """Return the seed that a run was trained with, None where its settings name none."""
    seed = read_yaml(run.config).get("seed")
    return seed if isinstance(seed, int) else None


def settings_but_seed(run: RunDir) -> dict[str, Any]:
    """Return the settings that runs of different seeds share."""
    return {name: value for name, value in read_yaml(run.config).items() if name not in NOT_COMPARED}


def group_by_seed(runs: Sequence[RunDir]) -> dict[str, list[RunDir]]:
    """Return the runs in groups that differ in nothing but their seed, each group under a name of its own."""
    groups: list[tuple[dict[str, Any], list[RunDir]]] = []
    for run in runs:
        settings, seed = settings_but_seed(run), seed_of(run)
        fitting = (
            found for shared, found in groups if shared == settings and seed not in {seed_of(each) for each in found}
        )
        group = next(fitting, None)
        if group is None:
            groups.append((settings, [run]))
        else:
            group.append(run)
    names = [_group_name(found) for _, found in groups]
    return {
        name if names.count(name) == 1 else str(found[0].path): sorted(found, key=lambda run: seed_of(run) or 0)
        for name, (_, found) in zip(names, groups, strict=True)
    }


def _group_name(found: Sequence[RunDir]) -> str:
    """Return what the names of the runs have before "-s<seed>", or the name of the first where they differ."""
    if len(found) == 1:
        return found[0].name
    stems = {re.sub(r"-s\d+$", "", run.name) for run in found}
    return stems.pop() if len(stems) == 1 else f"{found[0].name} and {len(found) - 1} more"


def _match(name: str, run: RunDir) -> re.Match[str] | None:
    return re.fullmatch(re.escape(name) + r"-s(\d+)", run.name)
