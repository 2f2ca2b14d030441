"""The options of `decouple.fit`; docs/generate_options.py writes this file."""

from typing import Literal, TypedDict


class FitOptions(TypedDict, total=False):
    """Options of `decouple.fit`."""

    root: str | None
    """start of the paths in a CSV file or in lists"""
    train_list: str | None
    """instead of IMAGES: text file of 'path label' lines"""
    val_list: str | None
    """with `train_list`: the same for validation"""
    test_list: str | None
    """with `train_list`: the same for testing"""
    model: str | None
    """backbone: any timm model, or resnet20; default: tf_efficientnet_lite0 with weights, resnet20 without"""
    pretrained: str | None
    """weights to start from: a file; package: tf_efficientnet_lite0 of decouple-lt[backbone]; download: those of
    timm; none: random; default: package, if it is installed, else none"""
    train: Literal["auto", "none", "head", "last-block", "all"]
    """what stage one trains after the frozen features; auto: all on a GPU and without pretrained weights, else none"""
    image_size: int | None
    """side in pixels; default: what the model expects, on a CPU 128 above 800 images; 32 or 64 without weights"""
    epochs: int | None
    """passes of stage one over the training images; default: 10, 30 without weights"""
    folds: int | Literal["auto"]
    """folds of training and validation in which stage two chooses; 0: on validation; auto: in folds where a class
    has fewer than 10 validation images"""
    skip_bad_images: bool
    """leave out images that cannot be read, and count them, instead of stopping"""
    runs: str
    """folder that gets the runs"""
    name: str | None
    """name of the result under `runs`; default: that of the images, with a number"""
    seed: int
    """seed of everything random"""
    device: str
    """auto, cpu, cuda or cuda:N"""
