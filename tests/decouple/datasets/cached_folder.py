"""A folder of images that is loaded with a cache, and what is in the cache."""

import numpy as np

from decouple.datasets.load import load_data
from decouple.datasets.settings import DataConfig

IMAGE = 4 * 4 * 3  # bytes


def load_cached(root, folder, **options):
    return load_data(DataConfig(data="folder", root=str(root), image_size=4, **options), cache_folder=folder)


def pixels_of(data):
    return data.pixels.read(np.arange(len(data.pixels)))


def cached_files(folder, pattern="*"):
    return sorted(path.name for path in folder.glob(pattern) if path.suffix != ".lock")
