"""run.json: what makes a folder a run, and how far the run is."""

import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from decouple.errors import RunError
from decouple.files.json_records import parse_record, read_json, read_once, write_record

FORMAT = 2  # raise it when a reader of older run folders would go wrong

STAGE1: Literal["stage1"] = "stage1"  # trained on images
FEATURES: Literal["features"] = "features"  # made of features that were extracted elsewhere
RunKind = Literal["stage1", "features"]

TRAINING: Literal["training"] = "training"
INTERRUPTED: Literal["interrupted"] = "interrupted"
FAILED: Literal["failed"] = "failed"
FINISHED: Literal["finished"] = "finished"
RunStatus = Literal["training", "interrupted", "failed", "finished"]


@dataclass(frozen=True, kw_only=True)
class RunManifest:
    """The content of run.json."""

    format: int
    kind: RunKind
    created: str  # ISO 8601, UTC
    status: RunStatus
    tuned_from: str | None = None  # name of the run whose settings a search has tuned for this one
    settings_hash: str | None = None  # of config.yaml, see `hash_settings`; None where the run has none


@read_once
def read_manifest(path: Path) -> RunManifest:
    """Return run.json.

    Raises:
        RunError: it is missing, damaged, or of another format.
    """
    values = read_json(path)
    version = values.get("format", FORMAT)
    if version != FORMAT:
        raise RunError(
            f"the run {path.parent} has format {version}, this version of decouple reads format {FORMAT}; "
            "use the version that made it, or train again"
        )
    return parse_record(RunManifest, values, path)


def write_manifest(path: Path, manifest: RunManifest) -> None:
    """Write run.json."""
    write_record(path, manifest)


def set_status(path: Path, status: RunStatus) -> None:
    """Change the status in run.json."""
    write_manifest(path, dataclasses.replace(read_manifest(path), status=status))


def hash_settings(path: Path) -> str | None:
    """Return the hash of config.yaml, or None where there is none."""
    if not path.exists():
        return None
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
