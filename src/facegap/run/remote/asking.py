"""Asking for what stands at URLs, through fsspec, with tries and a limit of time; copies of files are fetched once."""

import atexit
import errno
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from facegap.run.remote.faults import (
    FINAL,
    Answered,
    NotThere,
    RemoteError,
    RemoteFault,
    fault_of,
    is_unconnected,
    reason_of,
    status_of,
)
from facegap.run.remote.parts import path_of

TRIES = 4
"""A request that fails is made so often in all: one in twenty that fails then loses one file in 160,000."""

WAIT = 0.25
"""Seconds before the second try; each later wait is twice as long."""

PATIENCE = 30.0
"""Seconds without an answer after which a request has failed. A stalled request is tried once more only."""

WHOLE_FILE = 20.0
"""A file that is fetched or written as a whole may take so many times as long."""

PACKAGES = {
    "s3fs": ("s3", "s3a"),
    "gcsfs": ("gs", "gcs"),
    "adlfs": ("abfs", "abfss", "az", "adl"),
    "aiohttp": ("http", "https"),
}
"""What to install for the protocols that are used most."""

Answer = TypeVar("Answer")


def read_url(url: str, *, most: int) -> bytes:
    """Return the bytes of a file.

    Raises:
        OSError: it cannot be read, or has more than `most` bytes.
    """
    system, path = _system(url)

    def ask() -> bytes:
        try:
            return _asked(system, "cat_file", path, end=most + 1)
        except Exception as error:
            if _no_such_range(error) and _asked(system, "info", path).get("size") == 0:
                return b""
            raise

    data = _tried(url, ask, system)
    if len(data) > most:
        raise RemoteError(RemoteFault.TOO_MANY_BYTES, url, number=errno.EFBIG, most=most)
    return data


def put_url(url: str, data: bytes) -> None:
    """Write a file as a whole.

    Raises:
        OSError: it cannot be written.
    """
    system, path = _system(url)
    _tried(url, lambda: _asked(system, "pipe_file", path, data, patience=WHOLE_FILE), system)


def remove_url(url: str) -> None:
    """Remove a file, if it is there.

    Raises:
        OSError: it cannot be removed.
    """
    system, path = _system(url)
    with suppress(NotThere):
        _tried(url, lambda: _asked(system, "rm_file", path), system)


def names_below(url: str, *, fresh: bool = False) -> list[str]:
    """Return the files below a folder, sorted, by their path from there on; one listing is made.

    `fresh`: no listing that was made before will do. A folder that is not there has no files.

    Raises:
        OSError: the folder cannot be listed.
    """
    system, path = _system(url)
    if fresh:
        system.invalidate_cache()
    try:
        found = _tried(url, lambda: _asked(system, "find", path), system)
    except NotThere:
        return []
    start = path.rstrip("/") + "/"
    return sorted(name[len(start) :] for name in found if name.startswith(start) and not name.endswith("/"))


def fetched(url: str) -> str:
    """Return the path of a copy of a file, which lies in a folder for the owner alone until the process ends.

    Raises:
        OSError: it cannot be fetched, or is a folder.
    """
    with _fetching:
        if url not in _copies:
            if kind_of(url) != "file":
                raise NotThere(RemoteFault.NO_SUCH_FILE, url, number=errno.ENOENT)
            system, path = _system(url)
            copy = str(Path(tempfile.mkdtemp(dir=_folder()), path_of(url).name or "file"))
            _tried(url, lambda: _asked(system, "get_file", path, copy, patience=WHOLE_FILE), system)
            _copies[url] = copy
    return _copies[url]


def known_copy(url: str) -> str:
    """Return the path of the copy that there is, or ""."""
    return _copies.get(url, "")


def keep_copy(url: str, copy: str) -> None:
    """Take over a copy that another process of this machine fetched, and removes."""
    _copies.setdefault(url, copy)


_copies: dict[str, str] = {}
_fetching = threading.Lock()


@lru_cache(maxsize=1)
def _folder() -> str:
    made = tempfile.mkdtemp(prefix="facegap-fetched-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


@lru_cache(maxsize=65536)
def kind_of(url: str) -> str:
    """Return `file`, `directory`, or "" where there is nothing.

    Raises:
        OSError: nobody answers, or not to us.
    """
    system, path = _system(url)
    try:
        return _tried(url, lambda: _asked(system, "info", path), system)["type"]
    except (FileNotFoundError, Answered):  # a web server may refuse a folder, or what is not there
        return ""


def refusal_of(url: str) -> RemoteError | None:
    """Return why a server refuses what stands at a URL, None where there is nothing, or all is well."""
    system, path = _system(url)
    try:
        _tried(url, lambda: _asked(system, "info", path), system)
    except NotThere:
        return None
    except RemoteError as error:
        return error
    return None


def _system(url: str) -> tuple[Any, str]:
    """Return the file system of a URL and the path in it.

    Raises:
        RemoteError: no package for the protocol is installed.
    """
    scheme = urlsplit(url).scheme
    try:
        import fsspec

        return fsspec.core.url_to_fs(url)
    except ImportError as error:
        package = "'facegap[remote]'" if error.name == "fsspec" else _package(error, scheme)
        raise RemoteError(RemoteFault.NO_PACKAGE, url, scheme=scheme, package=package) from None
    except ValueError:
        raise RemoteError(RemoteFault.NO_PROTOCOL, url, scheme=scheme) from None


def _package(error: ImportError, scheme: str) -> str:
    """Return the package that a protocol needs."""
    for package, schemes in PACKAGES.items():
        if scheme in schemes:
            return package
    return error.name or scheme


def _asked(system: Any, method: str, *values: Any, patience: float = 1.0, **options: Any) -> Any:
    """Return what a method of a file system returns, within `patience` times the usual time where it can be told."""
    if not getattr(system, "async_impl", False):
        return getattr(system, method)(*values, **options)
    from fsspec.asyn import sync

    return sync(system.loop, getattr(system, f"_{method}"), *values, timeout=patience * PATIENCE, **options)


def _no_such_range(error: Exception) -> bool:
    """Return whether a server says that a file has no such bytes, as an empty one has none at all."""
    return getattr(error, "status", None) == 416 or getattr(error, "errno", None) == errno.EINVAL


def _tried(url: str, ask: Callable[[], Answer], system: Any) -> Answer:
    """Return the answer to a request, which is made again where it fails for a reason that may pass.

    Raises:
        OSError: there is no such file, it is not for us, or every try failed.
    """
    tries = 1 if getattr(system, "retries", 0) else TRIES  # some file systems try again by themselves
    for number in range(1, max(tries, 2) + 1):
        try:
            return ask()
        except Exception as raised:  # each protocol has errors of its own
            error = reason_of(raised)
            if (final := _final(error, url)) is not None:
                raise final from None
            stalled = isinstance(error, TimeoutError)
            if number >= (2 if stalled else tries):
                if (status := status_of(error)) is not None:
                    raise Answered(fault_of(status), url, status=status) from None
                if stalled:
                    raise RemoteError(RemoteFault.NO_ANSWER, url, seconds=PATIENCE) from None
                fault = RemoteFault.NO_CONNECTION if is_unconnected(error) else RemoteFault.QUOTED
                raise RemoteError(fault, url, error=_reason(error)) from None
            time.sleep(WAIT * 2 ** (number - 1))
    raise AssertionError


def _final(error: Exception, url: str) -> RemoteError | None:
    """Return what is said of a failure that no further try mends; None of any other."""
    for kind, fault in FINAL.items():
        if isinstance(error, kind):
            made = NotThere if kind is FileNotFoundError else RemoteError
            return made(fault, url, number=error.errno or errno.EIO)
    status = status_of(error)
    if status is None or fault_of(status) is RemoteFault.NOT_NOW:
        return None
    if fault_of(status) is RemoteFault.NO_SUCH_FILE:
        return NotThere(RemoteFault.NO_SUCH_FILE, url, number=errno.ENOENT)
    return Answered(fault_of(status), url, status=status)


def _reason(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(said.split())[:200] or type(error).__name__
