"""What `decouple stage2` can be told of features that were extracted elsewhere."""

from dataclasses import dataclass
from pathlib import Path

from decouple.config import option
from decouple.errors import ConfigError

_ONLY_WITH_FEATURES = ("val_features", "test_features", "weight", "label", "name")


@dataclass(frozen=True, kw_only=True)
class ExternalFeaturesOptions:
    """Files of features in place of a stage-one run."""

    features: str | None = option(
        None, "make a run of the training features in this file (npz, safetensors, csv, parquet), with labels"
    )
    val_features: str | None = option(
        None, "--features: file for validation; without it, --val-fraction of the training rows is held out"
    )
    test_features: str | None = option(
        None, "--features: file for testing; without it, --test-fraction of the training rows is held out"
    )
    weight: str | None = option(
        None,
        "--features: file (npz, safetensors) with stage one's weight (C, D) and bias (C,), for tau and others",
    )
    label: str | None = option(None, "--features: array or column of the labels; default: labels or label")
    val_fraction: float = option(0.1, "--features: share held out for validation, in [0, 1)")
    test_fraction: float = option(0.2, "--features: share held out for testing, in (0, 1)")
    name: str | None = option(None, "--features: name of the run folder; default: made from the file's, with a number")

    def __post_init__(self) -> None:
        if not 0 <= self.val_fraction < 1:
            raise ConfigError(f"--val-fraction must be 0 or more and below 1, got {self.val_fraction}")
        if not 0 < self.test_fraction < 1:
            raise ConfigError(f"--test-fraction must be between 0 and 1, got {self.test_fraction}")
        given = [name for name in (self.features, self.val_features, self.test_features) if name is not None]
        if len({Path(name).resolve() for name in given}) < len(given):
            raise ConfigError(
                "--features, --val-features and --test-features must be files of their own: what was trained on would "
                "judge itself; leave one out, and a part of the training rows is held out for it"
            )
        for name in _ONLY_WITH_FEATURES:
            if self.features is None and getattr(self, name) is not None:
                raise ConfigError(f"--{name.replace('_', '-')} has no meaning without --features")
