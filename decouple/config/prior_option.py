"""The option `--prior`: the class prior where a classifier is used, by name, as a file, or written out as JSON."""

from pathlib import Path

from decouple.errors import ConfigError

EM = "em"  # estimated from the images themselves
NAMED_PRIORS = ("train", "uniform")
PRIOR_ENDINGS = (".csv", ".json", ".yaml", ".yml")


def is_written_out(prior: str) -> bool:
    """Return whether a prior is itself the mapping from class to share, as JSON."""
    return prior.lstrip().startswith("{")


def require_prior(prior: str) -> None:
    """Check that a prior is a name, a JSON object, or may be a file.

    Raises:
        ConfigError: it is neither.
    """
    if (
        prior not in (*NAMED_PRIORS, EM)
        and not is_written_out(prior)
        and Path(prior).suffix.lower() not in PRIOR_ENDINGS
    ):
        raise ConfigError(
            f"`prior` must be {', '.join(NAMED_PRIORS)}, {EM}, or a file of class and share "
            f"({', '.join(PRIOR_ENDINGS)}), got '{prior}'"
        )
