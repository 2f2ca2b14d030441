"""The options of `decouple.tune`; docs/generate_options.py writes this file."""

from typing import Literal, TypedDict


class WeightDecayOptions(TypedDict, total=False):
    """Options of `decouple.tune`."""

    runs: str
    """folder that holds the runs"""
    trials: int
    """trials in all; calling again with more continues from those done"""
    seed: int
    """seed of the search, and of the holdout or folds; the training has that of the run"""
    workers: int
    """processes on this machine, spread over its GPUs; with 1 a seed gives the same trials"""
    workers_per_gpu: int | None
    """processes that share each GPU of this machine, in place of `workers`; small networks leave a GPU room"""
    storage: str | None
    """where the study is stored: journal:FILE or FILE.log on a shared disk, or a URL such as
    postgresql://user@host/name; default: a SQLite file in the run folder"""
    folds: int
    """evaluate a trial on so many stratified folds, pooled: of the training images for weight-decay and joint,
    instead of `holdout`, of training and validation images for tau and stage2; 0: one split"""
    tie_margin: float
    """points: trials whose metric rounds to the same multiple of it are equal, and the better tail wins; 1: whole
    percents; 0: only exactly equal trials are"""
    root: str | None
    """where the images are now, if they have moved since training"""
    device: str
    """auto, cpu, cuda or cuda:N; auto and cuda with `workers`: all GPUs in turn"""
    log: tuple[str, ...]
    """records of the trials, when the search ends, and of trainings with the best values: csv, tensorboard"""
    search: Literal["tpe", "random", "grid"]
    """how values are proposed: tpe, random, or a grid of as many as `trials`, spread evenly over the ranges"""
    select: Literal["balanced", "top1", "macro_f1", "g_mean", "many", "medium", "few", "head", "middle", "tail"]
    """metric of the held-out images that is maximized"""
    range: tuple[str, ...]
    """more settings of stage one to search, as NAME=LOW:HIGH or NAME=LOW:HIGH:log: momentum=0.8:0.99 epochs=20:60
    lr=0.01:0.3:log loss_options.delta=0.1:1"""
    epochs: int | None
    """epochs of a trial; default: those of the run"""
    holdout: float
    """share of the training images that a trial is evaluated on, in (0, 1)"""
    prune: bool
    """end a trial whose validation accuracy is below the median at that epoch"""
    no_retrain: bool
    """only search; do not train on the full training set with the best values, nor run stage two"""
    stage2: str
    """stage-two method, or all of them, for the run that is trained with the best values"""
    seeds: int
    """trainings with the best values, with the run's seed and those after it; stage two on each"""
    low: float
    """smallest weight decay, above 0"""
    high: float
    """largest weight decay"""
    study: str
    """name of the study in the run folder; another name starts another study"""


class JointOptions(TypedDict, total=False):
    """Options of `decouple.tune`."""

    runs: str
    """folder that holds the runs"""
    trials: int
    """trials in all; calling again with more continues from those done"""
    seed: int
    """seed of the search, and of the holdout or folds; the training has that of the run"""
    workers: int
    """processes on this machine, spread over its GPUs; with 1 a seed gives the same trials"""
    workers_per_gpu: int | None
    """processes that share each GPU of this machine, in place of `workers`; small networks leave a GPU room"""
    storage: str | None
    """where the study is stored: journal:FILE or FILE.log on a shared disk, or a URL such as
    postgresql://user@host/name; default: a SQLite file in the run folder"""
    folds: int
    """evaluate a trial on so many stratified folds, pooled: of the training images for weight-decay and joint,
    instead of `holdout`, of training and validation images for tau and stage2; 0: one split"""
    tie_margin: float
    """points: trials whose metric rounds to the same multiple of it are equal, and the better tail wins; 1: whole
    percents; 0: only exactly equal trials are"""
    root: str | None
    """where the images are now, if they have moved since training"""
    device: str
    """auto, cpu, cuda or cuda:N; auto and cuda with `workers`: all GPUs in turn"""
    log: tuple[str, ...]
    """records of the trials, when the search ends, and of trainings with the best values: csv, tensorboard"""
    search: Literal["tpe", "random", "grid"]
    """how values are proposed: tpe, random, or a grid of as many as `trials`, spread evenly over the ranges"""
    select: Literal["balanced", "top1", "macro_f1", "g_mean", "many", "medium", "few", "head", "middle", "tail"]
    """metric of the held-out images that is maximized"""
    range: tuple[str, ...]
    """more settings of stage one to search, as NAME=LOW:HIGH or NAME=LOW:HIGH:log: momentum=0.8:0.99 epochs=20:60
    lr=0.01:0.3:log loss_options.delta=0.1:1"""
    epochs: int | None
    """epochs of a trial; default: those of the run"""
    holdout: float
    """share of the training images that a trial is evaluated on, in (0, 1)"""
    prune: bool
    """end a trial whose validation accuracy is below the median at that epoch"""
    no_retrain: bool
    """only search; do not train on the full training set with the best values, nor run stage two"""
    stage2: str
    """stage-two method, or all of them, for the run that is trained with the best values; best: that of the best
    trial"""
    seeds: int
    """trainings with the best values, with the run's seed and those after it; stage two on each"""
    low: float
    """smallest weight decay, above 0"""
    high: float
    """largest weight decay"""
    lr_low: float
    """smallest learning rate, above 0"""
    lr_high: float
    """largest learning rate"""
    methods: tuple[str, ...]
    """stage-two methods that are tried on each trial's features; the trial gets the result of the best"""
    keep_bias: bool
    """keep the classifier's bias instead of dropping it where tau is applied"""
    study: str
    """name of the study in the run folder; another name starts another study"""


class TauOptions(TypedDict, total=False):
    """Options of `decouple.tune`."""

    runs: str
    """folder that holds the runs"""
    trials: int
    """trials in all; calling again with more continues from those done"""
    seed: int
    """seed of the search, and of the holdout or folds; the training has that of the run"""
    workers: int
    """processes on this machine, spread over its GPUs; with 1 a seed gives the same trials"""
    workers_per_gpu: int | None
    """processes that share each GPU of this machine, in place of `workers`; small networks leave a GPU room"""
    storage: str | None
    """where the study is stored: journal:FILE or FILE.log on a shared disk, or a URL such as
    postgresql://user@host/name; default: a SQLite file in the run folder"""
    folds: int
    """evaluate a trial on so many stratified folds, pooled: of the training images for weight-decay and joint,
    instead of `holdout`, of training and validation images for tau and stage2; 0: one split"""
    tie_margin: float
    """points: trials whose metric rounds to the same multiple of it are equal, and the better tail wins; 1: whole
    percents; 0: only exactly equal trials are"""
    root: str | None
    """where the images are now, if they have moved since training"""
    device: str
    """auto, cpu, cuda or cuda:N; auto and cuda with `workers`: all GPUs in turn"""
    log: tuple[str, ...]
    """records of the trials, when the search ends, and of trainings with the best values: csv, tensorboard"""
    weights: Literal["last", "best", "shifted"]
    """stage-one weights: of the last epoch, best on validation, or shifted: last, with batch-norm statistics of
    class-balanced draws"""
    low: float
    """smallest tau"""
    high: float
    """largest tau"""
    search: Literal["tpe", "random", "grid"]
    """tpe, random, or grid: as many evenly spaced values as `trials`"""
    holdout: float
    """choose tau on this share of the training images, held out from a second training with the settings of the run,
    and use it on the run, trained on all of them; 0: choose on the run's own images; 0.2 is usual"""
    keep_bias: bool
    """keep the classifier's bias instead of dropping it"""
    study: str | None
    """name of the study in the run folder; default: tau, or tau-best for `weights` best"""
    refresh_features: bool
    """compute the features again, whatever is cached"""


class Stage2SearchOptions(TypedDict, total=False):
    """Options of `decouple.tune`."""

    runs: str
    """folder that holds the runs"""
    trials: int
    """trials in all; calling again with more continues from those done"""
    seed: int
    """seed of the search, and of the holdout or folds; the training has that of the run"""
    workers: int
    """processes on this machine, spread over its GPUs; with 1 a seed gives the same trials"""
    workers_per_gpu: int | None
    """processes that share each GPU of this machine, in place of `workers`; small networks leave a GPU room"""
    storage: str | None
    """where the study is stored: journal:FILE or FILE.log on a shared disk, or a URL such as
    postgresql://user@host/name; default: a SQLite file in the run folder"""
    folds: int
    """evaluate a trial on so many stratified folds, pooled: of the training images for weight-decay and joint,
    instead of `holdout`, of training and validation images for tau and stage2; 0: one split"""
    tie_margin: float
    """points: trials whose metric rounds to the same multiple of it are equal, and the better tail wins; 1: whole
    percents; 0: only exactly equal trials are"""
    root: str | None
    """where the images are now, if they have moved since training"""
    device: str
    """auto, cpu, cuda or cuda:N; auto and cuda with `workers`: all GPUs in turn"""
    log: tuple[str, ...]
    """records of the trials, when the search ends, and of trainings with the best values: csv, tensorboard"""
    method: Literal["crt", "lws"]
    """the method whose training is searched"""
    weights: Literal["last", "best", "shifted"]
    """stage-one weights: of the last epoch, best on validation, or shifted: last, with batch-norm statistics of
    class-balanced draws"""
    lr_low: float
    """smallest learning rate, above 0"""
    lr_high: float
    """largest learning rate"""
    low: float
    """smallest weight decay, above 0"""
    high: float
    """largest weight decay"""
    epochs_low: int
    """fewest epochs, 1 or more"""
    epochs_high: int
    """most epochs"""
    select: Literal["balanced", "top1", "macro_f1", "g_mean", "many", "medium", "few", "head", "middle", "tail"]
    """metric of the held-out images that is maximized"""
    samplers: tuple[str, ...]
    """samplers to choose from"""
    study: str | None
    """name of the study in the run folder; default: stage2-METHOD, with -best for `weights` best"""
    refresh_features: bool
    """compute the features again, whatever is cached"""
