"""The files of a new run that describe it: settings, environment, data."""

import dataclasses

from decouple.class_counts import class_groups
from decouple.config.settings_yaml import to_yaml
from decouple.datasets.data import TEST, TEST_LONGTAILED, VAL
from decouple.datasets.preprocessing import PREPROCESSING
from decouple.environment import describe_environment
from decouple.files.atomic import write_text
from decouple.files.data_record import DataRecord, write_data
from decouple.files.json_records import write_record
from decouple.files.run_dir import RunDir
from decouple.files.split_indices import write_split_indices
from stage1.prepare import image_side
from stage1.trainer import Training


def describe_run(draft: RunDir, training: Training) -> None:
    """Write what is known of a run before its first step."""
    data, normalization = training.batches.data, training.batches.normalization
    names = (VAL, TEST, TEST_LONGTAILED)
    write_text(draft.config, to_yaml(dataclasses.replace(training.config, resume=False)))
    write_record(draft.environment, describe_environment(training.batches.device))
    if data.sources is not None:
        write_split_indices(draft.splits, {name: data.sources[indices] for name, indices in data.splits.items()})
    groups = class_groups(data.group_counts, "many_medium_few")
    write_data(
        draft.data,
        DataRecord(
            class_names=tuple(data.class_names),
            class_counts=tuple(data.class_counts.tolist()),
            group_counts=tuple(data.group_counts.tolist()),
            groups={name: tuple(classes.tolist()) for name, classes in groups.items()},
            images={name: len(indices) for name, indices in data.splits.items()},
            split_counts={name: tuple(data.counts(name).tolist()) for name in names if name in data.splits},
            image_size=image_side(data),
            mean=normalization.mean,
            std=normalization.std,
            flippable=data.flippable,
            bad_images=data.bad_images,
            fingerprint=data.fingerprint,
            storage=data.storage,
            wrong_labels=data.wrong_labels,
            preprocessing=PREPROCESSING,
        ),
    )
