"""Files with images inside that are no tables: archives, WebDataset's shards, and InsightFace's sets."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import polars as pl

from facegap.data.containers import Container, container_of, member_path
from facegap.data.containers.pickled_pairs import PickledPairs
from facegap.data.containers.record_io import RecordFile
from facegap.data.image_file import LARGEST_FILE
from facegap.data.own_files import own
from facegap.datasets.images import FoundImages, find_images_inside, is_clutter, is_image
from facegap.datasets.room import check_room
from facegap.datasets.sheet import SUBJECT, Sheet, find_column, is_inside
from facegap.errors import InputError
from facegap.run.text import clean

ARCHIVES = frozenset({".zip", ".tar"})
PACKED = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".7z", ".rar")
"""Archives from whose middle nothing can be read."""

RECORDS, VERIFICATION = ".rec", ".bin"
SAID = 100_000
"""Bytes that may be said of one image in a file beside it."""

LONGEST = 500
"""Characters of a value that is an attribute; longer ones are captions and vectors."""

FOLDS = 10
"""InsightFace judges its verification sets in so many parts, one after the other."""


SHARDS = frozenset({".tar", ".parquet", ".pq"})


def shards_below(folder: Path) -> list[Path]:
    """Return the files below a folder that can be parts of one data set with images inside, sorted."""
    found = []
    for place, folders, names in os.walk(folder):
        ours = own([*folders, *names], Path(place).name)
        folders[:] = [name for name in folders if not is_clutter(name) and name not in ours]
        found += [Path(place, name) for name in names if not is_clutter(name) and name not in ours]
    found = [path for path in found if path.suffix.lower() in SHARDS and path.is_file()]
    return sorted(path for path in found if path.suffix.lower() == ".tar" or is_inside(path))


def is_packed(path: Path) -> bool:
    """Return whether a file is an archive that is no container, by its name."""
    return path.name.lower().endswith(PACKED)


def opened(path: Path) -> Container:
    """Return a container.

    Raises:
        InputError: it cannot be read, or is damaged.
    """
    try:
        return container_of(path)
    except OSError as error:
        raise InputError("{path} cannot be read: {reason}", path=path, reason=error.strerror) from None


def images_of(path: Path) -> FoundImages:
    """Return the images of an archive, which are read as those of a folder.

    Raises:
        InputError: it cannot be read.
    """
    return find_images_inside(path, opened(path).members)


def shard_sheet(path: Path) -> Sheet | None:
    """Return a table of the images of a WebDataset, None where an archive is none.

    The files of one image have one name up to its first dot: `0001.jpg`, and `0001.cls` with the number of its subject
    or `0001.json` with the subject and attributes.

    Raises:
        InputError: it cannot be read.
    """
    archive = opened(path)
    said = {_key(name): name for name in archive.members if name.endswith((".cls", ".json"))}
    images = [name for name in archive.members if is_image(name) and not any(map(is_clutter, name.split("/")))]
    rows: list[dict[str, str]] = []
    size, values_said, characters = path.stat().st_size, 0, 0
    for name in sorted(images):
        beside = said.get(_key(name))
        values = dict(_said(archive, beside)) if beside else {}
        if "subject" not in values:
            if not rows:
                return None
            raise InputError(
                "{path}: nothing beside {name} says its subject, as is said of others: add it", path=path, name=name
            )
        rows.append({"path": member_path(path.name, name), **values})
        values_said += len(rows[-1])
        characters += sum(map(len, rows[-1].values()))
        check_room(path, size, values=values_said, arrays=characters)
    return Sheet(path, pl.DataFrame(rows, infer_schema_length=None)) if rows else None


def record_sheet(path: Path) -> Sheet:
    """Return a table of the images of an InsightFace training set.

    Raises:
        InputError: it cannot be read, or holds no image.
    """
    inside = opened(path)
    assert isinstance(inside, RecordFile)
    paths = [member_path(path.name, name) for name in inside.members]
    if not paths:
        raise InputError("{path} holds no image: give the train.rec of an InsightFace set", path=path)
    return Sheet(path, pl.DataFrame({"path": paths, "subject": inside.labels}))


def verification_pairs(path: Path) -> pl.DataFrame:
    """Return the comparisons of an InsightFace verification set: `path_a`, `path_b`, `same` and `fold`.

    Images with the same bytes are one, as the set repeats an image for each of its pairs. The folds are tenths of the
    list, as InsightFace takes them, where each of these has genuine and impostor pairs.

    Raises:
        InputError: it cannot be read, or compares an image with itself.
    """
    inside = opened(path)
    assert isinstance(inside, PickledPairs)
    first: dict[str, str] = {}
    paths = []
    for name in inside.members:
        try:
            sha256 = hashlib.sha256(inside.read(name, most=LARGEST_FILE)).hexdigest()
        except OSError as error:
            raise InputError("{path}, image {name}: {reason}", path=path, name=name, reason=error.strerror) from None
        paths.append(first.setdefault(sha256, member_path(path, name)))
    a, b, same = paths[::2], paths[1::2], inside.same
    for one, other in zip(a, b, strict=True):
        if one == other:
            raise InputError(
                "{path}: {one} is compared with itself; make the set without this pair", path=path, one=one
            )
    size = len(same) // FOLDS
    parts = [same[start : start + size] for start in range(0, size * FOLDS, size)] if size else []
    folded = len(same) % FOLDS == 0 and all(any(part) and not all(part) for part in parts)
    folds = [place // size if folded else 0 for place in range(len(same))]
    return pl.DataFrame({"path_a": a, "path_b": b, "same": same, "fold": folds})


def _key(name: str) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(path.name.partition(".")[0] or path.name))


def _said(archive: Container, name: str) -> Iterator[tuple[str, str]]:
    """Yield what the file beside an image says: its `subject`, and attributes."""
    try:
        text = archive.read(name, most=SAID).decode("utf-8-sig")
        if name.endswith(".cls"):
            if subject := clean(text[:LONGEST]):
                yield "subject", subject
            return
        found = json.loads(text)
    except (OSError, ValueError, RecursionError):
        return
    if not isinstance(found, Mapping):
        return
    values = {clean(key): value for key, value in found.items() if isinstance(value, str | int | float)}
    subject = find_column(list(values), SUBJECT, Path(name))
    for key, value in values.items():
        if key == subject:
            yield "subject", clean(str(value))
        elif key.lower() not in ("path", "subject") and len(str(value)) <= LONGEST:
            yield key, str(value)
