"""The option `--prior`: the class prior where a classifier is used, by name or as a file."""

from pathlib import Path

from decouple.errors import ConfigError

EM = "em"  # estimated from the images themselves
NAMED_PRIORS = ("train", "uniform")
PRIOR_ENDINGS = (".csv", ".json", ".yaml", ".yml")


def require_prior(prior: str) -> None:
    """Check that a prior is a name or may be a file.

    Raises:
        ConfigError: it is neither.
    """
    if prior not in (*NAMED_PRIORS, EM) and Path(prior).suffix.lower() not in PRIOR_ENDINGS:
        raise ConfigError(
            f"`prior` must be {', '.join(NAMED_PRIORS)}, {EM}, or a file of class and share "
            f"({', '.join(PRIOR_ENDINGS)}), got '{prior}'"
        )
