"""Why what stands at a URL cannot be had, and what a server's answer says of that."""

from facegap.run.refused_file import Fault, RefusedFile
from facegap.run.text import N_


class RemoteFault(Fault):
    """Why what stands at a URL cannot be had."""

    QUOTED = "remote-quoted", "{error}"
    NO_SUCH_FILE = "no-such-remote-file", N_("there is no such file")
    NOT_PERMITTED = "not-permitted", N_("not permitted: check the credentials of the environment and what they may do")
    FOLDER = "remote-folder", N_("it is a folder")
    NO_ANSWER = "no-answer", N_("no answer within {seconds:g} seconds: try again later, or check the address")
    NO_CONNECTION = (
        "no-connection",
        N_("no connection to the server ({error}): check the address and the network"),
    )
    TOO_MANY_BYTES = "remote-too-many-bytes", N_("it has more than {most:,} bytes")
    NO_PACKAGE = "no-package", N_("{scheme}:// needs a package: pip install {package}")
    NO_PROTOCOL = "no-protocol", N_("{scheme}:// is no protocol that fsspec knows")
    NO_CREDENTIALS = (
        "http-no-credentials",
        N_(
            "HTTP {status:d}, the server asks for credentials: give them in the environment, see "
            "docs/bring-your-own-data.md"
        ),
    )
    FORBIDDEN = (
        "http-forbidden",
        N_("HTTP {status:d}, the server refuses access: check the credentials of the environment and what they may do"),
    )
    NOT_NOW = "http-not-now", N_("HTTP {status:d}, the server cannot answer now: try again later")
    NOT_TAKEN = "http-not-taken", N_("HTTP {status:d}, the server does not take this request: check the address")


class RemoteError(RefusedFile):
    """What stands at a URL cannot be had; its `fault` is a `RemoteFault`."""


class NotThere(RemoteError, FileNotFoundError):
    """There is no such file at a URL."""


class Answered(RemoteError):
    """A server answered with an error other than that there is no such file."""


FINAL: dict[type[OSError], RemoteFault] = {
    FileNotFoundError: RemoteFault.NO_SUCH_FILE,
    PermissionError: RemoteFault.NOT_PERMITTED,
    IsADirectoryError: RemoteFault.FOLDER,
}
"""Failures that no further try mends, and what is said of them."""

_ABSENT = (404, 410)
_OF_STATUS = {401: RemoteFault.NO_CREDENTIALS, 407: RemoteFault.NO_CREDENTIALS, 403: RemoteFault.FORBIDDEN}
_BUSY = (408, 429)
_NEVER = (501, 505)


def reason_of(error: Exception) -> Exception:
    """Return why a request failed: fsspec says of every failure over HTTP that there is no such file."""
    cause = error.__cause__
    if isinstance(error, FileNotFoundError) and isinstance(cause, Exception):
        if status_of(cause) not in (None, *_ABSENT):
            return cause
        if isinstance(cause, OSError) and not isinstance(cause, FileNotFoundError) and status_of(cause) is None:
            return cause  # nobody answers
    return error


def status_of(error: Exception) -> int | None:
    """Return the HTTP status of a server's answer, as the packages of the protocols keep it; None where there is none.

    A range that a file has not, 416, is no failure of the server.
    """
    status = getattr(error, "status", None)
    response = getattr(error, "response", None)
    if status is None and isinstance(response, dict):
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status if isinstance(status, int) and status >= 400 else None


def is_unconnected(error: Exception) -> bool:
    """Return whether nobody was reached: aiohttp's own errors of that name the host."""
    return isinstance(error, ConnectionError) or (isinstance(error, OSError) and hasattr(error, "host"))


def fault_of(status: int) -> RemoteFault:
    """Return what an HTTP status of 400 or more means."""
    if status in _ABSENT:
        return RemoteFault.NO_SUCH_FILE
    busy = status in _BUSY or (status >= 500 and status not in _NEVER)
    return _OF_STATUS.get(status, RemoteFault.NOT_NOW if busy else RemoteFault.NOT_TAKEN)
