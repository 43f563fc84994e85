"""What is used in place of a `Path` where a file or folder stands at a URL."""

import os
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from urllib.request import url2pathname

from facegap.run.remote.asking import fetched, keep_copy, kind_of, known_copy
from facegap.run.remote.parts import path_of, split_url, url_below

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+://\S")
_NAMED = re.compile(r"(?P<name>[^=]*)=(?P<url>[A-Za-z][A-Za-z0-9+.\-]+://\S.*)", re.DOTALL)


class RemotePath(os.PathLike[str]):
    """A file or folder at a URL, used as a `Path` is."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def __str__(self) -> str:
        return self._url

    def __reduce__(self) -> tuple[Callable[[str, str], "RemotePath"], tuple[str, str]]:
        """Let another process of this machine open the copy that there is."""
        return _with_copy, (self._url, known_copy(self._url))

    def __repr__(self) -> str:
        return f"RemotePath({self._url!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemotePath) and self._url == other._url

    def __hash__(self) -> int:
        return hash(self._url)

    def __fspath__(self) -> str:
        """Return the path of a copy on this machine, fetched at the first time.

        Raises:
            OSError: it cannot be fetched.
        """
        return fetched(self._url)

    def __truediv__(self, below: str | os.PathLike[str]) -> "RemotePath":
        text = str(below)
        return RemotePath(text if is_url(text) else url_below(self._url, text))

    def joinpath(self, *parts: str) -> "RemotePath":
        """Return what lies below."""
        return self / "/".join(parts)

    @property
    def name(self) -> str:
        """The last part of the URL, without what is asked of a server behind `?`."""
        return path_of(self._url).name or split_url(self._url)[0].partition("://")[2]

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The suffix of the name, with its dot."""
        return path_of(self._url).suffix

    @property
    def parent(self) -> "RemotePath":
        """What it lies in."""
        host, path = split_url(self._url)
        return RemotePath(host + path[: path.rfind("/") + 1])

    def is_dir(self) -> bool:
        """Return whether something lies below the URL."""
        return kind_of(self._url) == "directory"

    def is_file(self) -> bool:
        """Return whether it is a file."""
        return kind_of(self._url) == "file"

    def exists(self) -> bool:
        """Return whether there is something at the URL."""
        return bool(kind_of(self._url))

    def stat(self) -> os.stat_result:
        """Return what is known of the copy on this machine."""
        return os.stat(self)  # noqa: PTH116


def is_url(text: object) -> bool:
    """Return whether a text is a URL, as `s3://bucket/people.csv`; the path of a member of a container can be one."""
    return isinstance(text, RemotePath) or (isinstance(text, str) and _URL.match(text) is not None)


def split_named(given: str) -> tuple[str, str] | None:
    """Return the name, or "", and the URL of what is written as `URL` or `NAME=URL`; None where it is no URL."""
    if is_url(given):
        return "", given
    match = _NAMED.fullmatch(given)
    return (match["name"], match["url"]) if match else None


def place(text: str) -> Path:
    """Return where a path or URL leads: one of this machine's files is a `Path`, whatever way it is written."""
    if not is_url(text):
        return Path(text)
    scheme, _, path = text.partition("://")
    if scheme.lower() in ("file", "local"):
        return Path(url2pathname(path.removeprefix("localhost") if path.startswith("localhost/") else path))
    return RemotePath(text)  # type: ignore[return-value]  # it has what is used of a Path


def _with_copy(url: str, copy: str) -> RemotePath:
    if copy:
        keep_copy(url, copy)
    return RemotePath(url)
