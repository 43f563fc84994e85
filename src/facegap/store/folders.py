"""Where the parts of a store lie, which schema versions of them there are, and who may read them.

A store keeps each kind of part in a folder of its own, `v2` for embeddings, `crops-v2` for crops and `measures-v2` for
measures; the number is the
schema version. Below it lies one folder for each key. Embeddings and faces are personal data: a new folder is for its
owner alone, whatever the umask. Everything below takes the permissions of the folder `v2`, so that widening this one
folder, as `share` does, widens what is written from then on.
"""

import errno
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from facegap.data.own_files import KEY, VERSIONED
from facegap.errors import StoreError

VERSION = 2
"""Version 1 had no checksums."""

EMBEDDINGS, CROPS, MEASURES = KINDS = "", "crops-", "measures-"
"""What the name of a folder begins with, by the kind of its parts."""

OWNER_ALONE = 0o700
OWNER_AND_GROUP = 0o2770
"""New files get the group of such a folder, not that of whoever writes them."""


def folder_of(root: Path, kind: str) -> Path:
    """Return the folder with all parts of a kind."""
    return root / f"{kind}v{VERSION}"


def older_folders(root: Path) -> list[Path]:
    """Return the folders with parts of an older schema version, which are not read.

    Raises:
        StoreError: the store cannot be read, or a newer facegap wrote to it.
    """
    older = []
    for folder in _listed(root):
        name = VERSIONED.fullmatch(folder.name)
        # A folder of that name may be anything, where --store names a place with other things in it.
        if name is None or not folder.is_dir() or not any(KEY.fullmatch(key.name) for key in _listed(folder)):
            continue
        if (version := int(name[1])) > VERSION:
            raise StoreError(
                "{folder} holds parts of schema version {version}, and this facegap reads versions up to {newest}: "
                "update facegap, or name another --store",
                folder=folder,
                version=version,
                newest=VERSION,
            )
        if version < VERSION:
            older.append(folder)
    return older


def key_folders(root: Path, kind: str) -> list[Path]:
    """Return the folders of all keys of a kind.

    Raises:
        StoreError: the store cannot be read.
    """
    return [folder for folder in _listed(folder_of(root, kind)) if folder.is_dir()]


def files_in(folder: Path, suffix: str) -> list[Path]:
    """Return what lies in a folder under names that end with `suffix`, in the order of the names.

    Raises:
        StoreError: the store cannot be read.
    """
    return [path for path in _listed(folder) if path.suffix == suffix]


def _listed(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(
            "the store {folder} cannot be read ({reason}): allow it, or name another --store",
            folder=folder,
            reason=error.strerror,
        ) from None


def make_folder(root: Path, kind: str, key: str) -> Path:
    """Return the folder of a key, which is there from now on.

    Raises:
        OSError: it cannot be made.
    """
    parts = folder_of(root, kind)
    root.parent.mkdir(parents=True, exist_ok=True)
    _make(root, OWNER_ALONE)
    _make(parts, OWNER_ALONE)
    _make(parts / key, stat.S_IMODE(parts.stat().st_mode))
    return parts / key


def close_to_others(folders: list[Path]) -> None:
    """Let the owner alone into folders that an older facegap left open."""
    for folder in folders:
        with suppress(OSError):
            folder.chmod(OWNER_ALONE)


def file_mode(folder: Path) -> int:
    """Return the permissions of a new file in the folder of a key.

    Raises:
        OSError: the folder is not there.
    """
    return stat.S_IMODE(folder.parent.stat().st_mode) & 0o666


def share(root: Path) -> None:
    """Let the group of a store read it and write to it, now and from now on; a new one is made.

    Raises:
        StoreError: the folders cannot be made or changed.
    """
    try:
        for kind in KINDS:
            make_folder(root, kind, "")
        for folder in (root, *(folder_of(root, kind) for kind in KINDS)):
            folder.chmod(OWNER_AND_GROUP)
    except OSError as error:
        raise StoreError(
            "the store {root} cannot be shared ({reason}): its owner can do it", root=root, reason=error.strerror
        ) from None
    for kind in KINDS:
        for folder in key_folders(root, kind):
            with suppress(OSError):  # what others wrote to a shared store is theirs, and shared already
                folder.chmod(OWNER_AND_GROUP)
                for path in _listed(folder):
                    path.chmod(OWNER_AND_GROUP & 0o666)


def _make(folder: Path, mode: int) -> None:
    """Make a folder with exactly these permissions, unless it is there."""
    try:
        folder.mkdir(OWNER_ALONE)
    except FileExistsError:
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "it is no folder", str(folder)) from None
        return
    folder.chmod(mode)
