"""A run folder as an object."""

from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from decouple.files.feature_norms import read_feature_norms
from decouple.files.results import Results
from decouple.files.run_dir import RunDir
from decouple.python.inference import embed_images, predict_images
from decouple.python.options.embed import EmbedOptions
from decouple.python.options.predict import PredictOptions
from decouple.python.predictions import Predictions
from decouple.reporting.columns import RESULT_COLUMNS, value_of


@dataclass(frozen=True)
class Run:
    """A run: its files, its results, and what can be done with it.

    The functions of the package take it where they need a run: ``decouple.predict(run, images)``.
    """

    folder: RunDir

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.folder.path

    @property
    def name(self) -> str:
        """The name of the run folder."""
        return self.folder.name

    @property
    def class_names(self) -> tuple[str, ...]:
        """The C classes, by label."""
        return self.folder.read_data().class_names

    @property
    def results(self) -> Results:
        """Every metric, as in results.json."""
        return self.folder.read_results()

    def frame(self, split: str = "test") -> pd.DataFrame:
        """Return the metrics of all classifiers in percent, a row each: weights of stage one and method in the index.

        Args:
            split: test, val or test_longtailed.
        """
        results = self.results
        rows = {(checkpoint, "none"): entry.metrics for checkpoint, entry in results.stage1.items()}
        rows |= {
            (checkpoint, name): entry.metrics
            for checkpoint, entries in results.stage2.items()
            for name, entry in entries.items()
            if name != "none"
        }
        table = {key: metrics[split] for key, metrics in rows.items() if split in metrics}
        values = {
            column.heading: [value_of(dict(metrics), column) for metrics in table.values()] for column in RESULT_COLUMNS
        }
        index = pd.MultiIndex.from_tuples(list(table), names=["weights", "method"])
        return pd.DataFrame(values, index=index, dtype=float)

    def history(self) -> pd.DataFrame:
        """Return a row for each epoch of stage one: loss, accuracies, learning rate, seconds."""
        return pd.read_csv(self.folder.history)

    def feature_norms(self) -> pd.DataFrame:
        """Return the mean length of the features: a row for each epoch of stage one, a column for each class.

        They are those of the validation images, and of the drawn training images where there are none. NaN: the class
        had no image in the epoch. The table is empty for runs of features, whose stage one trains no network.
        """
        record = read_feature_norms(self.folder.feature_norms)
        norms = np.empty((0, len(self.class_names)), np.float32) if record is None else record.norms.numpy()
        epochs = pd.RangeIndex(1, len(norms) + 1, name="epoch")
        return pd.DataFrame(norms, index=epochs, columns=list(self.class_names))

    def predict(self, images: object, **options: Unpack[PredictOptions]) -> Predictions:
        """Return the classes of images; see `decouple.api.predict`."""
        return predict_images(self.folder, images, options)

    def embed(self, images: object, **options: Unpack[EmbedOptions]) -> NDArray[np.float32]:
        """Return the features of images, (N, D); see `decouple.api.embed`."""
        return embed_images(self.folder, images, options)

    def __repr__(self) -> str:
        manifest, data = self.folder.read_manifest(), self.folder.read_data()
        recommended = self.results.recommended
        chosen = "" if recommended is None else f", recommended {recommended.method}"
        return f"Run({str(self.path)!r}, {manifest.status}, {len(data.class_names)} classes{chosen})"
