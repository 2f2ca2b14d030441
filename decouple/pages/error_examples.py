"""Errors of a classifier as pictures: the classes that it confuses most, and its worst errors in the tail."""

from dataclasses import dataclass

import numpy as np

from decouple.class_counts import largest_first
from decouple.datasets.data import TEST, TRAIN
from decouple.files.data_record import DataRecord
from decouple.pages.example_images import ExampleImages, Picture
from decouple.pages.run_source import RunSource
from decouple.pages.summary import group_scheme
from decouple.reporting.confused_pairs import ConfusedPair, confused_pairs
from decouple.reporting.names import printable

MAX_PAIRS, PAIR_ERRORS, CLASS_EXAMPLES = 8, 3, 3
MAX_TAIL_ERRORS, MAX_CLASS_ERRORS = 24, 4


@dataclass(frozen=True)
class PairExample:
    """Two classes that are confused, with images of both."""

    true: str
    predicted: str
    images: int  # test images of the true class that are predicted as the other one
    true_images: int  # test images of the true class
    errors: tuple[Picture, ...]  # some of them
    true_examples: tuple[Picture, ...]  # training images of the true class
    predicted_examples: tuple[Picture, ...]  # and of the predicted one


@dataclass(frozen=True)
class TailError:
    """A test image of a rare class that is classified wrongly with confidence."""

    path: str
    true: str
    predicted: str
    probability: float  # of the predicted class, percent
    true_probability: float  # of the true one, percent
    train_images: int  # of the true class
    picture: Picture | None


def pair_examples(source: RunSource, images: ExampleImages | None) -> tuple[PairExample, ...]:
    """Return the pairs that the compared classifier confuses most; without pictures where there are no images."""
    labels, predicted = source.test.labels.numpy(), source.compared.scores.predicted
    examples = []
    for pair in confused_pairs(labels, predicted, limit=MAX_PAIRS):
        errors = np.flatnonzero((labels == pair.true) & (predicted == pair.predicted))[:PAIR_ERRORS].tolist()
        examples.append(_pair_example(source.record, pair, errors, images))
    return tuple(examples)


def tail_errors(source: RunSource, images: ExampleImages | None) -> tuple[TailError, ...]:
    """Return the errors on classes with few training images of which the compared classifier is most certain."""
    labels, scores, names = source.test.labels.numpy(), source.compared.scores, source.record.class_names
    wrong = np.flatnonzero(np.isin(labels, tail_classes(source)) & ~scores.correct)
    errors: list[TailError] = []
    shown = dict.fromkeys(labels[wrong].tolist(), 0)
    for position in wrong[np.argsort(-scores.confidence[wrong], kind="stable")].tolist():
        label = int(labels[position])
        if shown[label] == MAX_CLASS_ERRORS or len(errors) == MAX_TAIL_ERRORS:
            continue
        shown[label] += 1
        errors.append(
            TailError(
                path=(images.path(TEST, position) if images else "") or f"test image {position:,}",
                true=printable(names[label]),
                predicted=printable(names[int(scores.predicted[position])]),
                probability=100 * float(scores.confidence[position]),
                true_probability=100 * float(scores.label_probability[position]),
                train_images=source.record.class_counts[label],
                picture=images.picture(TEST, position) if images else None,
            )
        )
    return tuple(errors)


def tail_classes(source: RunSource) -> list[int]:
    """Return the classes of the group few, or of the last third where the run is not divided into many and few."""
    if group_scheme(next(iter(source.metrics.values()))) == "many_medium_few":
        groups = [members for members in source.record.groups.values() if members]
        return list(groups[-1])
    classes: list[int] = np.array_split(largest_first(source.record.class_counts), 3)[-1].tolist()
    return classes


def _pair_example(
    record: DataRecord, pair: ConfusedPair, errors: list[int], images: ExampleImages | None
) -> PairExample:
    def of_class(label: int) -> tuple[Picture, ...]:
        positions = images.of_class(TRAIN, label, CLASS_EXAMPLES) if images else []
        return tuple(images.picture(TRAIN, position) for position in positions) if images else ()

    return PairExample(
        true=printable(record.class_names[pair.true]),
        predicted=printable(record.class_names[pair.predicted]),
        images=pair.images,
        true_images=pair.true_images,
        errors=tuple(images.picture(TEST, position) for position in errors) if images else (),
        true_examples=of_class(pair.true),
        predicted_examples=of_class(pair.predicted),
    )
