"""What the files that are read again have in common: a schema version, and keys that outlive a reading.

A version is added to only where a reader of the one before would misread a file. A new key, table or column is none:
readers keep what they do not know.
"""

from typing import Any

from facegap.errors import InputError

KEY = "schema_version"


def check_version(plain: dict[str, Any], newest: int) -> None:
    """Refuse a file of a newer version than `newest`; one that says none is of facegap 0.1.0, which wrote none.

    Raises:
        InputError: it is newer.
        ValueError: what it says is no version.
    """
    version = plain.get(KEY, 0)
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        raise ValueError(f"{KEY} is {str(version)[:20]!r}, a whole number was expected")
    if version > newest:
        raise InputError(
            "made by a newer facegap: schema {version}, this one reads up to {newest}: update facegap",
            version=version,
            newest=newest,
        )


def unknown_part(given: Any, known: Any) -> Any:
    """Return the keys of `given`, JSON as it was read, that `known` lacks, at any depth; {} where there are none."""
    if isinstance(given, dict) and isinstance(known, dict):
        inside = {key: unknown_part(given[key], known[key]) for key in given.keys() & known.keys() - {KEY}}
        new = {key: value for key, value in given.items() if key not in known and key != KEY}
        return {**new, **{key: part for key, part in inside.items() if part}}
    if isinstance(given, list) and isinstance(known, list) and any(isinstance(one, dict | list) for one in given):
        parts = [unknown_part(one, other) for one, other in zip(given, known, strict=True)]
        return parts if any(parts) else {}
    return {}


def with_unknown(known: Any, unknown: Any) -> Any:
    """Return `known`, JSON about to be written, with what `unknown_part` kept."""
    if isinstance(known, dict) and isinstance(unknown, dict):
        return {
            **known,
            **{key: with_unknown(known[key], part) if key in known else part for key, part in unknown.items()},
        }
    if isinstance(known, list) and isinstance(unknown, list):
        return [with_unknown(one, part) for one, part in zip(known, unknown, strict=True)]
    return known
