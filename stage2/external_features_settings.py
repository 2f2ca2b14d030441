"""Options of `decouple stage2` for features that were extracted elsewhere."""

from dataclasses import dataclass
from pathlib import Path

from decouple.checks import require_number
from decouple.config.fields import option
from decouple.errors import ConfigError

_ONLY_WITH_FEATURES = ("val_features", "test_features", "weight", "label", "drop_columns", "name")


@dataclass(frozen=True, kw_only=True)
class ExternalFeaturesOptions:
    """Files of features in place of a stage-one run."""

    features: str | None = option(
        None, "file of training features with labels (npz, safetensors, csv, tsv, parquet), of which a run is made"
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
    drop_columns: tuple[str, ...] = option(
        (), "--features: columns of the tables that are no features, such as the number of the row"
    )
    val_fraction: float = option(0.1, "--features: share held out for validation, in [0, 1)")
    test_fraction: float = option(0.2, "--features: share held out for testing, in (0, 1)")
    name: str | None = option(None, "--features: name of the run folder; default: the file's name with a number")

    def __post_init__(self) -> None:
        require_number("val_fraction", self.val_fraction, at_least=0, below=1)
        require_number("test_fraction", self.test_fraction, above=0, below=1)
        paths = [path for path in (self.features, self.val_features, self.test_features) if path is not None]
        if len({Path(path).resolve() for path in paths}) < len(paths):
            raise ConfigError(
                "`features`, `val_features` and `test_features` must be different files, so that no image is both "
                "trained on and evaluated; leave one out, and a part of the training rows is held out for it"
            )
        for name in _ONLY_WITH_FEATURES:
            if self.features is None and getattr(self, name) not in (None, ()):
                raise ConfigError(f"`{name}` has no meaning without `features`")
