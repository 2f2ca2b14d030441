"""The metadata inside an exported file: what a stranger needs to use it."""

import json
from dataclasses import dataclass

from decouple.datasets.preprocessing import Preprocessing
from decouple.files.json_records import record_to_json

FORMAT_VERSION = 1  # to be raised when an entry changes its meaning


@dataclass(frozen=True, kw_only=True)
class ExportRecord:
    """The metadata of an exported classifier. Names, imgsz and task are called as Ultralytics calls them."""

    names: tuple[str, ...]  # classes in the order of the outputs, (C,)
    imgsz: tuple[int, ...]  # (height, width) of the input, pixels
    mean: tuple[float, ...]  # of each channel on the scale 0..1; the file normalizes by itself
    std: tuple[float, ...]
    preprocessing: Preprocessing  # of image files, before the file's input
    task: str = "classify"
    version: int = FORMAT_VERSION  # of these metadata
    decouple_version: str
    license: str
    run: str  # name
    model: str  # backbone
    method: str  # entry of stage two, or none for stage one's classifier
    weights: str  # of stage one, last or best
    temperature: float  # already applied
    prior: str  # assumed, train, uniform, or the name of a file; already applied
    class_prior: tuple[float, ...]  # that the probabilities follow, (C,)
    class_counts: tuple[int, ...]  # training images, (C,)

    def as_json(self) -> str:
        """Return all entries as a JSON object."""
        return readable_json(record_to_json(self, complete=True))

    def as_texts(self) -> dict[str, str]:
        """Return key -> text: texts as they are, everything else as JSON, since ONNX holds texts alone."""
        values = record_to_json(self, complete=True)
        return {name: value if isinstance(value, str) else readable_json(value) for name, value in values.items()}


def readable_json(value: object) -> str:
    """Return JSON with letters as they are; names that are no Unicode, of broken file systems, are escaped.

    Example:
        >>> readable_json(["Käfer"]), readable_json(["K\\udce4fer"])
        ('["Käfer"]', '["K\\\\udce4fer"]')
    """
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return text
