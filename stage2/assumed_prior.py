"""The class prior that a saved classifier of a run assumes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from decouple.config.settings_yaml import from_yaml
from decouple.evaluation.priors import as_prior, uniform_prior
from decouple.files.results import MethodEntry
from decouple.files.run_dir import RunDir
from decouple.files.run_manifest import FEATURES
from stage1.assumed_prior import trained_prior
from stage1.losses.build import make_loss
from stage1.settings import Stage1Config
from stage2.methods import METHODS
from stage2.saved_classifiers import STAGE_ONE_METHOD


def assumed_prior_of(run: RunDir, checkpoint: str, name: str) -> NDArray[np.float64]:
    """Return the class prior that the probabilities of a saved classifier assume, shape (C,), sum 1.

    Stage one and trained methods: see `stage1.assumed_prior.trained_prior`. Class means, tau-normalisation and the
    balanced vote of neighbours: 1 / C. Logit adjustment: that of stage one over pi^tau.

    Args:
        run: a finished run.
        checkpoint: stage-one weights, last or best.
        name: entry of stage two, or none for stage one's classifier.

    Raises:
        KeyError: there is no such entry; see `stage2.saved_classifiers.require_saved`.
    """
    counts = np.asarray(run.read_data().class_counts)
    if name == STAGE_ONE_METHOD:
        return _stage1_prior(run, counts)
    entry = run.read_stage2(checkpoint)[name]
    source = METHODS[entry.method].prior
    if source == "uniform":
        return uniform_prior(len(counts))
    if source == "trained":
        return _trained_prior(entry, counts)
    prior = _stage1_prior(run, counts)
    if source == "adjusted":
        prior = as_prior("class_probabilities", prior / as_prior("class_counts", counts) ** _tau(entry))
    return prior


def _stage1_prior(run: RunDir, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    if run.read_manifest().kind == FEATURES:
        return as_prior("class_counts", counts)
    config = from_yaml(Stage1Config, run.config)
    loss = make_loss(
        config.loss, torch.from_numpy(counts), config.loss_options, config.drw_options if config.drw else None
    )
    loss.set_epoch(max(0, config.epochs - 1), max(1, config.epochs))
    return trained_prior(loss, config.sampler, config.sampler_options, counts)


def _trained_prior(entry: MethodEntry, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    settings: Mapping[str, Any] = entry.settings
    loss = make_loss(settings["loss"], torch.from_numpy(counts), settings["loss_options"])
    loss.set_epoch(settings["epochs"] - 1, settings["epochs"])
    prior = trained_prior(loss, settings["sampler"], settings["sampler_options"], counts)
    if "rho" not in settings:
        return prior
    return as_prior("class_probabilities", prior * as_prior("class_counts", counts) ** -settings["rho"])


def _tau(entry: MethodEntry) -> float:
    selected = entry.selection.values.get("tau", entry.settings.get("tau"))
    assert isinstance(selected, int | float)  # logit adjustment always has it
    return float(selected)
