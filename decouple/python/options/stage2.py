"""The options of `decouple.stage2`; docs/generate_options.py writes this file."""

from typing import Literal, TypedDict


class Stage2Options(TypedDict, total=False):
    """Options of `decouple.stage2`."""

    val_features: str | None
    """`features`: file for validation; without it, `val_fraction` of the training rows is held out"""
    test_features: str | None
    """`features`: file for testing; without it, `test_fraction` of the training rows is held out"""
    weight: str | None
    """`features`: file (npz, safetensors) with stage one's weight (C, D) and bias (C,), for tau and others"""
    label: str | None
    """`features`: array or column of the labels; default: labels or label"""
    drop_columns: tuple[str, ...]
    """`features`: columns of the tables that are no features, such as the number of the row"""
    val_fraction: float
    """`features`: share held out for validation, in [0, 1)"""
    test_fraction: float
    """`features`: share held out for testing, in (0, 1)"""
    name: str | None
    """`features`: name of the run folder; default: the file's name with a number"""
    runs: str
    """folder that holds the runs"""
    weights: Literal["last", "best", "shifted"]
    """stage-one weights: of the last epoch, best on validation, or shifted: last, with batch-norm statistics of
    class-balanced draws"""
    sampler: str | None
    """trained methods: sampler of the images of an epoch; `decouple methods` lists all; default: class,
    weight_balance, disalign and los instance"""
    sampler_options: dict[str, bool | int | float | str | None]
    """trained methods: options of the sampler"""
    loss: str | None
    """trained methods: training loss; `decouple methods` lists all; default: ce, weight_balance class_balanced, las
    and mislas label_aware_smoothing"""
    loss_options: dict[str, bool | int | float | str | None]
    """trained methods: options of the loss"""
    epochs: int | tuple[int, ...] | None
    """trained methods: epochs of as many draws as there are training images; of several the best"""
    batch_size: int
    """trained methods: features in a step"""
    lr: float | tuple[float, ...] | None
    """trained methods: initial learning rate, above 0; it falls to 0 along a cosine; of several the best; default:
    0.1, weight_balance 0.01"""
    momentum: float
    """trained methods: momentum of SGD, in [0, 1)"""
    weight_decay: float | None
    """trained methods: L2 coefficient added to the gradient each step, 0 or more; default: 5e-4, weight_balance 0.1,
    los 0"""
    norm_threshold: float
    """weight_balance: cap on the weight norms, from 0, the smallest of stage one's norms, to 1, the largest"""
    lr_factor: float | tuple[float, ...]
    """mislas: factor on the learning rate of stage one's weights, from 0, which keeps them, to 1; of several the
    best"""
    fixed_scale: bool
    """mislas: learn no factor for each class, only stage one's weights"""
    smoothing: float | tuple[float, ...]
    """los: share of the target that all classes get alike, 0 or more and below 1; of several the best"""
    rho: float
    """disalign: exponent on the inverse class frequencies that weigh its loss, 0 to 4"""
    tau: float | tuple[float, ...] | None
    """tau: exponent on the weight norms; logit_adjust: factor on the log class shares; of several the best; default:
    the best of 101 in [0, 2], and of more up to 8 while the best is the largest"""
    k: int | tuple[int, ...] | None
    """knn: neighbours that vote; of several the best; default: the best of 1, 3, 5, 10, 20, 50, 100, 200, and of
    500, 1000, 2000 while the best is the largest"""
    select: Literal["balanced", "top1", "macro_f1", "g_mean", "many", "medium", "few", "head", "middle", "tail"]
    """metric by which the best of several values is chosen on validation, never on the test split"""
    folds: int | Literal["auto"]
    """choose by the mean over this number of stratified folds of training and validation images, then fit to both
    together; 0: choose on the validation split; auto: in up to 5 folds where a class has fewer than 10 validation
    images"""
    keep_bias: bool
    """tau: keep the classifier's bias instead of dropping it"""
    metric: Literal["cosine", "euclidean", "cl2n"]
    """ncm: how features are compared with class means"""
    seed: int
    """seed of initialisation and draws"""
    views: int | Literal["live"]
    """trained methods: cached augmented views of each training image, one of them drawn at each visit; 1: the clean
    image; live: the backbone run on newly augmented images every epoch"""
    feature_precision: Literal["auto", "float32", "float16", "bfloat16"]
    """how features are stored; auto: as in the cache, float32 without one; float16 (11 bits, up to 65,504) and
    bfloat16 (8 bits, any size, faster to read) halve the file"""
    precision: Literal["auto", "bf16", "fp32"]
    """trained methods: products in bfloat16 or float32 during training; auto: bf16 for a classifier of a million
    weights or more where hardware has it; all results are computed in float32"""
    refresh_features: bool
    """compute the features again, even if they are cached"""
    root: str | None
    """folder of the images, if they have moved since training; needed only without a cache"""
    figures: Literal["chosen", "all"]
    """figures by class: chosen: of stage one and the recommended method; all: of every method too, and every figure
    as SVG too"""
    groups: str | None
    """class groups in tables: many_medium_few, thirds, halves, sizes such as 33,33,34 of classes by falling training
    images, or bounds such as many=100,few=20; default: many, medium, few and head, middle, tail"""
    device: str
    """device that computes features: auto, cpu, cuda or cuda:N"""
