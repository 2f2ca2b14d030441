"""The table of data sets; it is not in `__init__`, so that settings can be read without numpy."""

from collections.abc import Callable

from decouple.datasets import arrays, cifar, csv_file, digits, folder, glyphs, path_label_lists
from decouple.datasets.data import SourceImages
from decouple.datasets.settings import DataConfig

DATASETS: dict[str, Callable[[DataConfig], SourceImages]] = {
    "digits": digits.load,
    "glyphs": glyphs.load,
    "cifar10": cifar.load_cifar10,
    "cifar100": cifar.load_cifar100,
    "folder": folder.load,
    "list": path_label_lists.load,
    "csv": csv_file.load,
    "arrays": arrays.load,
}
