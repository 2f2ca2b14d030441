"""Checks of the options of a protocol against each other: which images train, validate and test."""

from typing import Protocol

from decouple.checks import require_number, require_text, require_whole
from decouple.errors import ConfigError

TEST_IS_PREDEFINED = ("digits", "glyphs", "cifar10", "cifar100")
DEFAULT_TEST_FRACTION = 0.2
DEFAULT_VAL_FRACTION = 0.1


class ProtocolOptions(Protocol):
    """The options that are checked here; `decouple.datasets.settings.DataConfig` declares and describes them."""

    @property
    def data(self) -> str: ...  # noqa: D102
    @property
    def profile(self) -> str: ...  # noqa: D102
    @property
    def ratio(self) -> float | None: ...  # noqa: D102
    @property
    def max_count(self) -> int | None: ...  # noqa: D102
    @property
    def shuffles_classes(self) -> bool: ...  # noqa: D102
    @property
    def counts(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def classes_only(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def longtailed_test(self) -> bool: ...  # noqa: D102
    @property
    def test_ratio(self) -> float | None: ...  # noqa: D102
    @property
    def test_max_count(self) -> int | None: ...  # noqa: D102
    @property
    def test_from(self) -> str: ...  # noqa: D102
    @property
    def val_from(self) -> str: ...  # noqa: D102
    @property
    def val_fraction(self) -> float: ...  # noqa: D102
    @property
    def test_fraction(self) -> float: ...  # noqa: D102
    @property
    def label_noise(self) -> float: ...  # noqa: D102


def check_protocol(config: ProtocolOptions) -> None:
    """Check the splits, the chosen classes and counts, the long-tailed test set and the label noise.

    Raises:
        ConfigError: a value is outside its range, or an option has no effect beside the others.
    """
    _check_splits(config)
    _check_classes(config)
    _check_longtailed_test(config)
    require_number("label_noise", config.label_noise, at_least=0, below=1, usual="0.2 is a fifth of the labels")


def _check_splits(config: ProtocolOptions) -> None:
    if config.val_from == "test" and config.test_from != "train":
        raise ConfigError("`val_from=test` needs `test_from=train`; one split cannot be both validation and test")
    if config.val_from == "test" and config.val_fraction not in (DEFAULT_VAL_FRACTION, 0):
        raise ConfigError("`val_fraction` has no meaning with `val_from=test`, which takes the whole test split")
    if (
        config.test_from == "test"
        and config.data in TEST_IS_PREDEFINED
        and config.test_fraction != DEFAULT_TEST_FRACTION
    ):
        raise ConfigError(
            f"`test_fraction` has no meaning for `data={config.data}`, which has a test split; "
            "hold test images out of the training images with `test_from=train`"
        )


def _check_classes(config: ProtocolOptions) -> None:
    for name in config.classes_only:
        require_text("classes_only", name)
        if config.classes_only.count(name) > 1:
            raise ConfigError(f"`classes_only` names '{name}' twice")
    if len(config.classes_only) == 1:
        raise ConfigError("`classes_only` must name 2 classes or more")
    for count in config.counts:
        require_whole("counts", count, at_least=1)
    if config.counts:
        _refuse_profile(config)
        if config.classes_only and len(config.counts) != len(config.classes_only):
            numbers, classes = len(config.counts), len(config.classes_only)
            raise ConfigError(f"`counts` has {numbers} numbers, and `classes_only` names {classes} classes")
    if config.profile == "balanced":
        for name, has_effect in (("ratio", config.ratio not in (None, 1)), ("class_order", config.shuffles_classes)):
            if has_effect:
                hint = "; `test_ratio` is that of the long-tailed test set" if name == "ratio" else ""
                raise ConfigError(f"`{name}` has no meaning for `profile=balanced`, where all classes are equal{hint}")


def _refuse_profile(config: ProtocolOptions) -> None:
    ineffective = {
        "profile": config.profile not in ("auto", "none"),
        "ratio": config.ratio is not None,
        "max_count": config.max_count is not None,
        "class_order": config.shuffles_classes,
    }
    for name, is_set in ineffective.items():
        if is_set:
            raise ConfigError(f"`{name}` has no meaning with `counts`, which gives the images of every class")


def _check_longtailed_test(config: ProtocolOptions) -> None:
    if config.test_ratio is not None:
        require_number("test_ratio", config.test_ratio, at_least=1, usual="100 is usual")
    if config.test_max_count is not None:
        require_whole("test_max_count", config.test_max_count, at_least=1)
    for name in ("test_ratio", "test_max_count"):
        if getattr(config, name) is not None and not config.longtailed_test:
            raise ConfigError(f"`{name}` has no meaning without `longtailed_test`")
