"""The options of `decouple.report`; docs/generate_options.py writes this file."""

from typing import Literal, TypedDict


class ReportOptions(TypedDict, total=False):
    """Options of `decouple.report`."""

    method: str | None
    """stage-two method that is compared with stage one; default: the recommended one of each run"""
    weights: Literal["auto", "last", "best", "shifted"]
    """stage-one weights: of the last epoch, best on validation, or shifted: last, with batch-norm statistics of
    class-balanced draws; auto: the recommended ones"""
    out: str | None
    """file of the page; of several runs the folder of all pages; default: report.html in the run's folder, or the
    folder report"""
    root: str | None
    """where the images are now, if they have moved since training"""
    no_images: bool
    """show no example images, and so do not read the images of the run"""
    map_images: int
    """images in the picture of the features in two dimensions: t-SNE, above 20,000 PCA; 0: no picture"""
    groups: str | None
    """class groups in tables: many_medium_few, thirds, halves, sizes such as 33,33,34 of classes by falling training
    images, or bounds such as many=100,few=20; default: many, medium, few and head, middle, tail"""
    no_figure_files: bool
    """do not write the figures as PNG and SVG into a folder beside the page"""
