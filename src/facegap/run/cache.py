"""The folders that keep what need not be made twice, and where they lie if nobody may write where they should."""

import os
import stat
import sys
import tempfile
from pathlib import Path

import platformdirs

from facegap.errors import InputError
from facegap.run.remote import is_url

NAME = "facegap"


def default_root() -> Path:
    """Return where the store lies: `$FACEGAP_STORE`, else the user's cache folder or a temporary folder.

    Of the last two it is the first that can be written; where none can, the former, and writing there says why not. A
    user who has no home then has `.cache` in the working folder.
    """
    if chosen := os.environ.get("FACEGAP_STORE"):
        if is_url(chosen):
            raise InputError(
                "$FACEGAP_STORE is the URL {url}: name a folder there, and the URL with --store", url=chosen
            )
        return Path(chosen)
    return _of_user() or _temporary() or _cache_of_user() or Path(".cache", NAME)


def compiled_root() -> Path | None:
    """Return where compiled loops are kept, or None where they have to be compiled in each run.

    That is `$NUMBA_CACHE_DIR`, else the user's cache folder, `$FACEGAP_STORE` or a temporary folder: the first that can
    be written. What is read from there runs as code, so a store that others may write to is passed over.
    """
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(chosen)
    if (folder := _of_user() or _of_store() or _temporary()) is None:
        return None
    return folder / "compiled"


def _cache_of_user() -> Path | None:
    try:
        folder = platformdirs.user_cache_path(NAME, appauthor=False)
    except RuntimeError:  # no home
        return None
    return folder if folder.is_absolute() else None  # older versions of platformdirs keep the "~" where there is none


def _of_user() -> Path | None:
    folder = _cache_of_user()
    return folder if folder is not None and _writable(folder) else None


def _of_store() -> Path | None:
    chosen = os.environ.get("FACEGAP_STORE")
    return Path(chosen) if chosen and _writable(Path(chosen)) and _private(_nearest(Path(chosen))) else None


def _temporary() -> Path | None:
    """Return a folder of this user's alone in the system's temporary folder, made where it is absent, or None."""
    user = "" if sys.platform == "win32" else f"-{os.geteuid()}"
    try:
        folder = Path(tempfile.gettempdir()) / f"{NAME}{user}"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder if _writable(folder) and _private(folder) else None
    except OSError:
        return None


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest above it that exists."""
    return next(place for place in (folder, *folder.absolute().parents) if os.path.lexists(place))


def _writable(folder: Path) -> bool:
    """Return whether files can be made in a folder, or in the one that it would be made in."""
    try:
        with tempfile.TemporaryFile(dir=_nearest(folder)):  # permissions alone know nothing of read-only file systems
            return True
    except OSError:
        return False


def _private(folder: Path) -> bool:
    """Return whether a folder belongs to this user and nobody else may write to it; on Windows every one does."""
    if sys.platform == "win32":
        return True
    state = folder.lstat()
    return stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & 0o022
