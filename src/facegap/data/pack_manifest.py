"""The manifest of an InsightFace pack: which of its networks does what, and which pixels it wants.

What is read is manifest V2 of InsightFace 2.0 and later (`model_zoo/package_manifest.py` of its package): of the tasks
`detection` and `recognition` the keys `file`, `preprocessing`, `sha256`, `input_size` and `embedding_dimension`. As
there, a manifest of any other version is passed over.
"""

import math
from pathlib import Path, PurePosixPath
from typing import Literal

import msgspec

from facegap.data.weights import sha256_of_file
from facegap.errors import ModelError
from facegap.run.ordinary import read_ordinary

NAME = "manifest.json"
VERSION = 2
DETECTION, RECOGNITION = "detection", "recognition"

Pixels = tuple[float, float]
"""The mean and std of all channels, on the scale 0 to 255: the network is given (x - mean) / std."""

USUAL_PIXELS: dict[str, Pixels] = {DETECTION: (127.5, 128.0), RECOGNITION: (127.5, 127.5)}
"""What InsightFace gives a network where nothing else is said."""

INSIDE: Pixels = (0.0, 1.0)
"""The network normalises the pixels itself."""


class _Stated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mean: float
    std: float


class Task(msgspec.Struct, frozen=True):
    """What a network of a pack does. `file` is relative to the pack; see the module for the other keys."""

    file: str
    preprocessing: Literal["embedded"] | _Stated | None = None
    sha256: str = ""
    input_size: tuple[int, int] | None = None
    embedding_dimension: int | None = None


class _Manifest(msgspec.Struct, frozen=True):
    model_id: str
    tasks: dict[str, msgspec.Raw]


class _Version(msgspec.Struct, frozen=True):
    manifest_version: int | str | None = None


class PackManifest(msgspec.Struct, frozen=True):
    """A manifest in the folder `folder`. `tasks` holds `DETECTION` and `RECOGNITION`, where it names them."""

    folder: Path
    model_id: str
    tasks: dict[str, Task]

    def file(self, task: str) -> Path:
        """Return the file of a task, checked against its sha256 where the manifest states that.

        Raises:
            ModelError: it lies outside the pack, or is another file.
        """
        stated = self.tasks[task]
        parts = PurePosixPath(stated.file.replace("\\", "/")).parts
        if not parts or ".." in parts or ":" in stated.file or PurePosixPath(stated.file).is_absolute():
            raise ModelError(
                "{manifest} names {file!r}, which lies outside the pack: get it again",
                manifest=self.folder / NAME,
                file=stated.file,
            )
        path = self.folder.joinpath(*parts)
        if stated.sha256 and sha256_of_file(path) != stated.sha256:
            raise ModelError(
                "{path} is not the file that {name} beside it describes (its sha256): get the pack again",
                path=path,
                name=NAME,
            )
        return path

    def pixels(self, task: str) -> Pixels:
        """Return which pixels the network of a task wants.

        Raises:
            ModelError: they are none.
        """
        stated = self.tasks[task].preprocessing
        if stated is None:
            return USUAL_PIXELS[task]
        if not isinstance(stated, _Stated):
            return INSIDE
        if not math.isfinite(stated.mean) or not 0 < stated.std < math.inf:
            raise ModelError(
                "{manifest}: mean {mean:g} and std {std:g} are no preprocessing",
                manifest=self.folder / NAME,
                mean=stated.mean,
                std=stated.std,
            )
        return stated.mean, stated.std


def read_manifest(folder: Path) -> PackManifest | None:
    """Return the manifest of the pack in a folder, or None where there is none of version 2.

    Raises:
        ModelError: the file cannot be read, or lacks what version 2 has.
    """
    place = folder / NAME
    try:
        content = read_ordinary(place)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ModelError(
            "{place} cannot be read ({reason}): check the pack", place=place, reason=error.strerror
        ) from None
    try:
        if msgspec.json.decode(content, type=_Version).manifest_version != VERSION:
            return None
        read = msgspec.json.decode(content, type=_Manifest)
        known = {name: raw for name, raw in read.tasks.items() if name in USUAL_PIXELS}
        tasks = {name: msgspec.json.decode(raw, type=Task) for name, raw in known.items()}
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ModelError(
            "{place} cannot be used as the manifest of an InsightFace pack: {error}", place=place, error=error
        ) from None
    return PackManifest(folder, read.model_id, tasks)


def pixels_of(file: Path, task: str) -> Pixels:
    """Return which pixels a network wants: what the manifest of the pack that it lies in says, else the usual ones.

    Raises:
        ModelError: that manifest cannot be used.
    """
    for folder in (file.parent, file.parent.parent):
        manifest = read_manifest(folder)
        if manifest is not None and task in manifest.tasks and (folder / manifest.tasks[task].file) == file:
            return manifest.pixels(task)
    return USUAL_PIXELS[task]
