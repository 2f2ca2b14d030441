"""The options of `decouple.stage1`; docs/generate_options.py writes this file."""

from typing import Literal, TypedDict


class Stage1Options(TypedDict, total=False):
    """Options of `decouple.stage1`."""

    root: str | None
    """folder of the images (cifar10, cifar100, folder), start of the paths in list and csv, or file of arrays"""
    download: bool
    """cifar10, cifar100: download missing files into `root`"""
    train_list: str | None
    """list: text file of 'path label' lines for training"""
    val_list: str | None
    """list: the same for validation; without it, `val_fraction` is held out"""
    test_list: str | None
    """list: the same for testing; without it, `test_fraction` is held out"""
    csv: str | None
    """csv: file with the columns path,label[,split]; split is train, val or test"""
    classes: int
    """glyphs: number of classes, 2 to 1000"""
    image_size: int | None
    """side in pixels that image files are scaled and cropped to; default: 32, or what a timm model expects; glyphs:
    4, 8, 16 or 32"""
    profile: Literal["auto", "none", "exp", "step", "pareto", "balanced"]
    """long-tailed profile that the training images are cut to; auto: exp for digits, glyphs and cifar, or if `ratio`
    is given, else none"""
    ratio: float | None
    """imbalance ratio, images in the largest class / images in the smallest, 1 or more; default 50"""
    max_count: int | None
    """images in the largest class; default: as many as the data allow"""
    class_order: Literal["label", "shuffled"]
    """order of the classes from head to tail: by label, or shuffled by `subset_seed`"""
    subset_seed: int
    """seed of the long-tailed subset and of the splits; keep it fixed over several values of `seed`"""
    counts: tuple[int, ...]
    """training images of every class, in the order of the classes, instead of a profile: 5000 500 1000"""
    classes_only: tuple[str, ...]
    """names of the classes to use, in this order; default: all"""
    longtailed_test: bool
    """also evaluate on a long-tailed test set, of the profile of the training images, exp if they are balanced"""
    test_ratio: float | None
    """imbalance ratio of the long-tailed test set, 1 or more; default: that of the training images"""
    test_max_count: int | None
    """images in the largest class of the long-tailed test set; default: as many as the data allow"""
    fraction: float
    """share of each class to use, in (0, 1]; for quick trials"""
    test_from: Literal["test", "train"]
    """split that test images come from: the predefined test split if there is one; train: `test_fraction` of the
    training images, before they are cut to a profile"""
    val_from: Literal["train", "test"]
    """split that validation images come from; test: the predefined test split, with `test_from` train"""
    val_fraction: float
    """share of the training images held out if no validation split is predefined, in [0, 1)"""
    test_fraction: float
    """share held out if no test split is predefined, or with `test_from` train, in (0, 1)"""
    label_noise: float
    """share of the training labels replaced by wrong ones, each other class alike, in [0, 1); for studies"""
    skip_bad_images: bool
    """leave out images that cannot be read, and count them, instead of stopping"""
    model: str
    """backbone: resnet20, resnet32, resnet44, resnet56, or any timm model by name"""
    pretrained: str | None
    """weights to start from: a file, 'package' (tf_efficientnet_lite0, see the extra backbone), or 'download' for
    those timm offers"""
    drop_rate: float
    """dropout before the classifier of a timm model, in [0, 1)"""
    drop_path: float
    """stochastic depth of a timm model: share of its blocks that are left out, in [0, 1)"""
    train: Literal["all", "last-block", "head", "none"]
    """part of the network that is trained: all; the last block and the classifier; head: the classifier alone, on
    augmented images; none: the classifier alone, on features that are extracted once, which takes seconds"""
    normalize: Literal["auto", "data", "pretrained"]
    """mean and deviation of the colours that images are normalized by: of the training images, or those that the
    pretrained weights expect; auto: the latter with `pretrained`"""
    classifier: Literal["auto", "linear", "cosine"]
    """last layer; auto: what the loss reads"""
    cosine_scale: float
    """factor on the cosines of a cosine classifier, above 0; a cosine loss has its own"""
    loss: str
    """training loss; `decouple methods` lists all with their options"""
    loss_options: dict[str, bool | int | float | str | None]
    """options of the loss, such as gamma=1"""
    drw: bool
    """deferred re-weighting: class weights join the loss late in training"""
    drw_options: dict[str, bool | int | float | str | None]
    """start (share of the epochs, 0.8) and beta (0.9999) of `drw`"""
    sampler: str
    """which images an epoch draws; `decouple methods` lists all samplers"""
    sampler_options: dict[str, bool | int | float | str | None]
    """options of the sampler, such as q=0.3"""
    mix: str
    """batch augmentation that mixes images and labels: none, mixup, cutmix, remix"""
    mix_options: dict[str, bool | int | float | str | None]
    """options of `mix`, such as alpha=0.2"""
    augment: Literal["auto", "none", "crop", "crop-flip"]
    """random crops (padding 1/8 of the side) and horizontal flips; auto: no flips where they change the class"""
    epochs: int
    """passes over the training images"""
    batch_size: int
    """images in a step"""
    optimizer: str
    """sgd with momentum, adam, adamw, or any optimiser of timm by name, such as lamb, lion or nadamw"""
    optimizer_options: dict[str, bool | int | float | str | None]
    """options of the optimiser as timm names them, such as eps=1e-6 or betas=0.9,0.95"""
    sam: float
    """radius of sharpness-aware minimisation around any optimiser: 0.05 is usual; steps take twice as long; 0: off"""
    lr: float | None
    """learning rate after warm-up, above 0; adam wants about 0.001; default: 0.05, with `train` last-block 0.01,
    with head and none 0.003"""
    momentum: float
    """momentum of sgd and of other optimisers that have one, in [0, 1)"""
    weight_decay: float
    """L2 coefficient added to the gradient each step, 0 or more; adamw and others decouple it from the gradient"""
    schedule: Literal["cosine", "multistep", "step", "constant"]
    """how the learning rate falls"""
    milestones: tuple[int, ...]
    """multistep: epochs at which lr is multiplied by `gamma`; default 80 and 90 % of all"""
    step_size: int
    """step: lr is multiplied by `gamma` after every so many epochs"""
    gamma: float
    """factor on lr at each milestone or step, in (0, 1]"""
    warmup_epochs: int | None
    """epochs of linear warm-up from 0, which weighted losses need; default: a fifth of all, at most 5"""
    seed: int
    """seed of initialisation, order and augmentation"""
    device: str
    """auto, cpu, cuda or cuda:N"""
    precision: Literal["auto", "bf16", "fp32"]
    """of the backbone: fp32, bf16 (bfloat16 products, float32 weights), or auto: bf16 if the hardware has it"""
    compile: bool
    """compile the step with torch.compile: takes a minute or two at first, and saves time in long runs"""
    resident: Literal["auto", "yes", "no"]
    """device cache: keep padded training images on the device, so that a batch is one gather; auto: if they fit"""
    no_image_cache: bool
    """decode image files in every command instead of keeping their pixels in .cache in the `runs` folder"""
    log: tuple[str, ...]
    """records of the epochs beside history.csv: tensorboard (folder tensorboard of the run)"""
    runs: str
    """folder that gets the run"""
    name: str | None
    """name of the run folder; default: from the settings, with a number"""
