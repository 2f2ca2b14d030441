"""Frozen dataclasses as JSON: one strict reader and one writer for every file that a run holds.

A record is a frozen dataclass whose annotations say what the file may hold: numbers, texts, None, `Literal`, lists,
tuples, mappings, `TypedDict`, other records, unions of these, and `object` for any value. The reader checks every key
and every type, and its errors name the file and the key. A field at its default is left out of the file.
"""

import contextlib
import dataclasses
import functools
import json
import math
import types
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints, is_typeddict

from decouple.errors import DecoupleError, RunError
from decouple.files.atomic import write_json
from decouple.files.json_text import is_plain_list

Record = TypeVar("Record")
_Version = tuple[int, int, int]  # inode, size, time of change

MAX_RECORDS = 8  # in memory, of each reader

_TYPE_NAMES: dict[object, str] = {
    int: "a whole number",
    float: "a number",
    str: "a text",
    bool: "true or false",
    types.NoneType: "null",
}


class _MismatchError(Exception):
    """A value does not fit its annotation; the message names the key."""


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON file that holds a mapping.

    Raises:
        RunError: it is missing or damaged.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise RunError(f"{path} is missing; the run folder is not complete") from None
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path} is damaged ({error}); restore it, or train again") from None
    except OSError as error:
        raise RunError(f"{path} cannot be read: {error.strerror}") from None
    if not isinstance(value, dict):
        raise RunError(f"{path} is damaged (not a JSON object); restore it, or train again")
    return value


class CachedReader(Generic[Record]):
    """A function that reads a record of a file, and does not read it again while the file stays as it is.

    What it returns is shared, so it must not be changed. A file counts as changed with another inode (each atomic write
    gives it one), size or time of change.
    """

    def __init__(self, read: Callable[[Path], Record]) -> None:
        self._read = read
        self._known: OrderedDict[Path, tuple[_Version, Record]] = OrderedDict()
        functools.update_wrapper(self, read)

    def __call__(self, path: Path) -> Record:
        """Return the record of a file."""
        version = _version(path)
        if version is None:
            return self._read(path)  # which says what is wrong
        known = self._known.get(path)
        if known is not None and known[0] == version:
            return known[1]
        record = self._read(path)
        self._remember(path, version, record)
        return record

    def write(self, path: Path, record: Record) -> None:
        """Write a record that equals what would be read, so that it need not be."""
        write_record(path, record)
        version = _version(path)
        if version is not None:
            self._remember(path, version, record)

    def _remember(self, path: Path, version: _Version, record: Record) -> None:
        self._known[path] = (version, record)
        self._known.move_to_end(path)
        while len(self._known) > MAX_RECORDS:
            with contextlib.suppress(KeyError):  # another thread was faster
                self._known.popitem(last=False)


def read_once(read: Callable[[Path], Record]) -> CachedReader[Record]:
    """Return the function `read` as a `CachedReader`."""
    return CachedReader(read)


def as_read(record: Record, path: Path) -> Record:
    """Return a record as it would be read from `path` after it was written there: tuples in free values are lists."""
    return parse_record(type(record), record_to_json(record), path)


def _version(path: Path) -> _Version | None:
    """Return what changes with each write of a file; None if there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def parse_record(record_type: type[Record], values: Mapping[str, object], path: Path) -> Record:
    """Return the record that `values`, read from `path`, stand for.

    Raises:
        RunError: a key is missing or unknown, or its value does not fit; the message names the file and the key.
    """
    try:
        return cast(Record, _parse(record_type, values, ""))
    except _MismatchError as error:
        raise RunError(f"{path} is damaged: {error}; restore it, or train again") from None


def write_record(path: Path, record: object) -> None:
    """Write a record as JSON, atomically."""
    write_json(path, record_to_json(record))


def record_to_json(record: object, *, complete: bool = False) -> dict[str, object]:
    """Return the mapping that `parse_record` reads; a field at its default is left out unless `complete`."""
    return {
        field.name: _plain(getattr(record, field.name), complete)
        for field in dataclasses.fields(cast(Any, record))
        if complete or not _is_default(field, getattr(record, field.name))
    }


def _plain(value: object, complete: bool) -> object:
    if dataclasses.is_dataclass(value):
        return record_to_json(value, complete=complete)
    if isinstance(value, Mapping):
        return {str(key): _plain(entry, complete) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return list(value) if is_plain_list(value) else [_plain(entry, complete) for entry in value]
    return value


def _is_default(field: dataclasses.Field[Any], value: object) -> bool:
    if field.default_factory is not dataclasses.MISSING:
        return bool(value == field.default_factory())
    return field.default is not dataclasses.MISSING and type(value) is type(field.default) and value == field.default


def _parse(expected: Any, value: object, key: str) -> object:
    """Return `value` as the annotation `expected` says, or raise a mismatch that names `key`."""
    if expected is object:
        return value
    if dataclasses.is_dataclass(expected) or is_typeddict(expected):
        return _parse_fields(expected, value, key)
    origin, arguments = get_origin(expected), get_args(expected)
    if origin in (Union, types.UnionType):
        return _parse_union(arguments, value, key)
    if origin is Literal:
        if not any(type(value) is type(choice) and value == choice for choice in arguments):
            raise _mismatch(key, f"one of {', '.join(map(str, arguments))}", value)
        return value
    if origin in (dict, Mapping):
        return {
            name: _parse(arguments[1], entry, _join(key, name)) for name, entry in _require_mapping(value, key).items()
        }
    if origin in (list, tuple, Sequence):
        return _parse_list(origin, arguments[0], value, key)
    if not _is_instance(value, expected):
        raise _mismatch(key, _TYPE_NAMES[expected], value)
    return value


def _parse_fields(expected: Any, value: object, key: str) -> object:
    values, hints = _require_mapping(value, key), _hints(expected)
    for name in values:
        if name not in hints:
            raise _MismatchError(f"'{_join(key, name)}' is not known")
    for name in _required(expected):
        if name not in values:
            raise _MismatchError(f"'{_join(key, name)}' is missing")
    fields = {name: _parse(hints[name], entry, _join(key, name)) for name, entry in values.items()}
    try:
        return expected(**fields)
    except DecoupleError as error:  # the record's own checks
        raise _MismatchError(f"'{key}': {error}" if key else str(error)) from None


def _parse_union(options: Sequence[Any], value: object, key: str) -> object:
    if value is None and types.NoneType in options:
        return None
    options = [option for option in options if option is not types.NoneType]
    if len(options) == 1:
        return _parse(options[0], value, key)
    for option in options:
        try:
            return _parse(option, value, key)
        except _MismatchError:
            continue
    raise _mismatch(key, " or ".join(_TYPE_NAMES.get(option, "another type") for option in options), value)


def _parse_list(origin: Any, entry_type: Any, value: object, key: str) -> object:
    if not isinstance(value, list):
        raise _mismatch(key, "a list", value)
    if entry_type in (int, str) and {type(entry) for entry in value} <= {entry_type}:
        return tuple(value) if origin is tuple else value  # a fast way: a table of confusions has 10^6 numbers
    entries = [_parse(entry_type, entry, f"{key}[{index}]") for index, entry in enumerate(value)]
    return tuple(entries) if origin is tuple else entries


def _is_instance(value: object, expected: Any) -> bool:
    if isinstance(value, bool):
        return expected is bool
    if expected is float:
        return isinstance(value, int | float) and math.isfinite(value)
    return isinstance(value, expected)


def _require_mapping(value: object, key: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise _mismatch(key, "a mapping", value)
    return value


@functools.cache
def _hints(record_type: Any) -> Mapping[str, Any]:
    hints = get_type_hints(record_type)
    if is_typeddict(record_type):
        return hints
    return {field.name: hints[field.name] for field in dataclasses.fields(record_type)}


@functools.cache
def _required(record_type: Any) -> tuple[str, ...]:
    if is_typeddict(record_type):
        return tuple(sorted(record_type.__required_keys__))
    return tuple(
        field.name
        for field in dataclasses.fields(record_type)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    )


def _mismatch(key: str, allowed: str, value: object) -> _MismatchError:
    text = repr(value)
    return _MismatchError(f"'{key}' must be {allowed}, got {text if len(text) <= 60 else f'{text[:57]}...'}")


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON")
