"""The key `profiles` of a sweep's file, and the choice of `--profile-run`.

A profile of the file adds to the one that is built in: its settings win, and `data` puts its images in their place.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from decouple.config.settings_yaml import checked_mapping
from decouple.errors import ConfigError
from decouple.lookup import look_up
from tuning.sweep.builtin_profiles import BUILT_IN
from tuning.sweep.cell_pattern import parse_patterns
from tuning.sweep.entries import axis_settings, parse_seed_limit, refuse_unknown
from tuning.sweep.profile import FULL, PROFILE_NAMES, Profile
from tuning.sweep.settings_layers import merge_layers
from tuning.sweep.tune_settings import TuneStep

_AXES = ("data", "stage1", "stage2")
_KEYS = ("defaults", *_AXES, "tune", "seeds", "only", "note")


def choose_profile(name: str, profiles: object, names: Mapping[str, Sequence[str]], path: Path) -> Profile:
    """Return the profile of a name: the file's own, else the one that is built in. Those of the file are all checked.

    Args:
        name: smoke, cpu or full.
        profiles: the value of the key `profiles`.
        names: axis -> names of its entries.
        path: the file.

    Raises:
        ConfigError: there is no such profile, or one of the file is wrong.
    """
    look_up(BUILT_IN, name, "profile")
    if not isinstance(profiles, dict):
        raise ConfigError(f"'profiles' in {path} must be a mapping from {', '.join(PROFILE_NAMES[:2])} to settings")
    if FULL.name in profiles:
        raise ConfigError(
            f"'full' of 'profiles' in {path} is the file as it stands, and takes no settings; leave it out"
        )
    refuse_unknown(profiles, PROFILE_NAMES[:2], f"'profiles' in {path}")
    own = {
        key: _profile(key, values, names, f"'{key}' of 'profiles' in {path}", path) for key, values in profiles.items()
    }
    return own.get(name, BUILT_IN[name])


def _profile(name: str, values: object, names: Mapping[str, Sequence[str]], source: str, path: Path) -> Profile:
    if not isinstance(values, dict):
        raise ConfigError(f"{source} must be a mapping, got '{values}'")
    refuse_unknown(values, _KEYS, source)
    defaults = values.get("defaults", {})
    if not isinstance(defaults, dict):
        raise ConfigError(f"'defaults' in {source} must be a mapping, got '{defaults}'")
    refuse_unknown(defaults, _AXES, f"'defaults' in {source}")
    layers = {axis: axis_settings(axis, values.get(axis, {}), f"'{axis}' in {source}") for axis in _AXES}
    tune = values.get("tune", {})
    if not isinstance(tune, dict):
        raise ConfigError(f"'tune' in {source} must be a mapping of settings, got '{tune}'")
    seeds = parse_seed_limit(values.get("seeds"), source)
    built_in = BUILT_IN[name]
    own_defaults = {
        axis: axis_settings(axis, defaults.get(axis, {}), f"'{axis}' of 'defaults' in {source}") for axis in _AXES
    }
    return Profile(
        name=name,
        defaults=own_defaults,
        data=layers["data"],
        stage1=merge_layers([built_in.stage1, layers["stage1"]]),
        stage2=merge_layers([built_in.stage2, layers["stage2"]]),
        tune={**built_in.tune, **checked_mapping(TuneStep, tune, f"'tune' in {source}")},
        seeds=built_in.seeds if seeds is None else seeds,
        only=parse_patterns(values["only"], names, f"'only' in {source}") if "only" in values else (),
        stand_in=built_in.stand_in and not layers["data"],
        note=built_in.note if values.get("note") is None else str(values["note"]),
    )


def tuned_by_profile(step: TuneStep | None, profile: Profile) -> TuneStep | None:
    """Return the search of an entry with the settings of a profile."""
    return None if step is None else dataclasses.replace(step, **profile.tune)
