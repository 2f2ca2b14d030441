"""How an image file becomes the pixels that a network reads; stored in every run, for readers elsewhere."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """The steps of `decouple.datasets.image_files.read_image`, before normalization by mean and standard deviation."""

    orientation: str  # of EXIF
    channels: str  # and their order
    transparency: str  # colour below transparent pixels
    crop: str
    interpolation: str  # of the resize of the crop to image_size x image_size pixels
    antialias: bool
    values: str  # range and type of the pixels


PREPROCESSING = Preprocessing(
    orientation="upright",
    channels="RGB",
    transparency="white",
    crop="centre square of the full shorter side",
    interpolation="bilinear",
    antialias=True,
    values="uint8, 0 to 255",
)
