"""What a page says of how a run was made: data, settings, environment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from decouple.config.yaml_file import read_yaml
from decouple.files.json_records import read_json
from decouple.files.run_dir import RunDir
from decouple.pages.run_source import RunSource
from decouple.reporting.names import printable


@dataclass(frozen=True)
class FactTable:
    """Names and values below a heading."""

    heading: str
    rows: tuple[tuple[str, str], ...]


def fact_tables(source: RunSource) -> tuple[FactTable, ...]:
    """Return data, settings of stage one, settings of the compared method, and environment, where they are stored."""
    run = source.run
    tables = [_data(source)]
    if run.config.exists():
        tables.append(FactTable("Settings of stage one", _rows(read_yaml(run.config))))
    entry = source.entries.get(source.compared.calibrated.name)
    if entry is not None:
        selected = {**entry.settings, **entry.selection.values}
        rows = _rows({"method": entry.method, **selected, "selected by": entry.selection.by or "no free choice"})
        tables.append(FactTable(f"Settings of {source.compared.title}", rows))
    if run.environment.exists():
        tables.append(FactTable("Environment", _environment(run)))
    return tuple(tables)


def _data(source: RunSource) -> FactTable:
    record = source.record
    counts = record.class_counts
    images = ", ".join(f"{split} {number:,}" for split, number in record.images.items())
    ratio = max(counts) / max(1, min(counts))
    rows = {
        "classes": f"{len(counts):,}",
        "images": images,
        "training images a class": f"{max(counts):,} to {min(counts):,} (ratio {ratio:.3g})",
        "groups": ", ".join(f"{name} {len(members):,}" for name, members in record.groups.items()),
        "image size": "features only" if record.image_size is None else f"{record.image_size} pixels",
        **({} if record.storage is None else {"images stored as": record.storage}),
        **({"wrong training labels": f"{record.wrong_labels:,}"} if record.wrong_labels else {}),
        "images that could not be read": f"{record.bad_images:,}",
        "fingerprint": record.fingerprint,
        "run created": source.run.read_manifest().created,
        "stage-one weights": source.checkpoint,
    }
    return FactTable("Data", tuple(rows.items()))


def _environment(run: RunDir) -> tuple[tuple[str, str], ...]:
    values = read_json(run.environment)
    flat: dict[str, object] = {}
    for name, value in values.items():
        if name == "command" and isinstance(value, list):
            flat[name] = " ".join(str(word) for word in value)
        elif isinstance(value, Mapping):
            flat |= {str(key): version for key, version in value.items()}
        else:
            flat[name] = value
    return _rows(flat)


def _rows(values: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple((name.replace("_", " "), _text(value)) for name, value in values.items())


def _text(value: object) -> str:
    if value is None:
        return "-"
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
