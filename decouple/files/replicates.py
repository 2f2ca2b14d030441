"""Replicates: runs of one configuration that differ in their seed alone.

`decouple stage1 --seeds 3 --name x` makes x-s0, x-s1 and x-s2, and x then names all three.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from decouple.config.yaml_file import read_yaml
from decouple.errors import ConfigError, RunError
from decouple.files.run_dir import RunDir
from decouple.files.run_lookup import find_run, list_runs

# Settings in which replicates may differ: they change nothing but the draws.
NOT_COMPARED = frozenset({"seed", "seeds", "name", "runs", "resume", "device", "root", "no_image_cache"})


def replicate_name(name: str, seed: int) -> str:
    """Return the name of the run of one seed."""
    return f"{name}-s{seed}"


def list_replicates(name: str, root: Path) -> list[RunDir]:
    """Return the runs of all seeds of `name` under `root`, by seed."""
    pattern = re.escape(name) + r"-s(\d+)"
    by_seed = {int(match[1]): run for run in list_runs(root) if (match := re.fullmatch(pattern, run.name))}
    return [by_seed[seed] for seed in sorted(by_seed)]


def find_runs(path: str, root: str) -> list[RunDir]:
    """Return the run at `path`, or of that name under `root`; where there is none, the runs of all its seeds.

    Raises:
        RunError: there is neither.
    """
    try:
        return [find_run(path, root)]
    except RunError:
        folder = Path(root) / path if Path(path).name == path else Path(path)
        replicates = [] if folder.exists() else list_replicates(folder.name, folder.parent)
        if not replicates:
            raise
        return replicates


def first_replicates(runs: Sequence[RunDir], seeds: int) -> Sequence[RunDir]:
    """Return the first `seeds` of the runs of several seeds; all of them if `seeds` is 1.

    Raises:
        ConfigError: there are fewer.
    """
    if seeds > len(runs):
        names = ", ".join(run.name for run in runs)
        raise ConfigError(f"`seeds={seeds}` needs as many runs, but there are {len(runs)}: {names}")
    return runs[:seeds] if seeds > 1 else runs


def seed_of(run: RunDir) -> int | None:
    """Return the seed that a run was trained with, None where its settings name none."""
    seed = read_yaml(run.config).get("seed")
    return seed if isinstance(seed, int) else None


def settings_but_seed(run: RunDir) -> dict[str, object]:
    """Return the settings that replicates share."""
    return {name: value for name, value in read_yaml(run.config).items() if name not in NOT_COMPARED}


def group_by_seed(runs: Sequence[RunDir]) -> dict[str, list[RunDir]]:
    """Return the runs in groups of replicates, each group under its own name."""
    groups: list[tuple[dict[str, object], dict[int | None, RunDir]]] = []  # shared settings, seed -> run
    for run in runs:
        settings, seed = settings_but_seed(run), seed_of(run)
        for shared, by_seed in groups:
            if shared == settings and seed not in by_seed:
                by_seed[seed] = run
                break
        else:
            groups.append((settings, {seed: run}))
    members = [list(by_seed.values()) for _, by_seed in groups]
    names = [_group_name(group) for group in members]
    return {
        name if names.count(name) == 1 else str(group[0].path): sorted(group, key=lambda run: seed_of(run) or 0)
        for name, group in zip(names, members, strict=True)
    }


def _group_name(group: Sequence[RunDir]) -> str:
    """Return the common part of the names before "-s<seed>", or the name of the first run where they differ."""
    if len(group) == 1:
        return group[0].name
    stems = {re.sub(r"-s\d+$", "", run.name) for run in group}
    return stems.pop() if len(stems) == 1 else f"{group[0].name} and {len(group) - 1} more"
