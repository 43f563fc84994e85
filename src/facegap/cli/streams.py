"""Standard output and standard error that may be closed, full or read by nobody: the run goes on and ends as it would.

A run of hours must not be lost because `head -1` has left, and a gate's exit code must stay what it was.
"""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, TextIO, cast

from facegap.cli.characters import ERRORS, register


class Stream:
    """A text stream that swallows what cannot be written. `lost`: why, from the first error on."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self.lost: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        """Return what the stream itself has: its encoding, whether it is a terminal and so on."""
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text, or nothing once the stream is lost."""
        with self._kept():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write out what is pending."""
        with self._kept():
            self._stream.flush()

    @contextmanager
    def _kept(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.lost = self.lost or error
            with suppress(OSError, io.UnsupportedOperation):  # or what is pending fails again when Python ends
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


@contextmanager
def guarded() -> Iterator[Stream]:
    """Guard standard output and standard error, and yield the former; for characters that they lack others stand."""
    before = sys.stdout, sys.stderr
    _open_closed()
    register()
    streams = [Stream(stream) for stream in (sys.stdout, sys.stderr)]
    for stream in streams:
        with suppress(AttributeError):  # a test's stream is not the system's
            stream.reconfigure(errors=ERRORS)
    sys.stdout, sys.stderr = cast(TextIO, streams[0]), cast(TextIO, streams[1])
    try:
        yield streams[0]
    finally:
        for stream in streams:
            stream.flush()
        sys.stdout, sys.stderr = before if None not in before else streams


def complaint(stream: Stream) -> str:
    """Return what to say of standard output that was lost; nothing where its reader left, as `head` does."""
    if stream.lost is None or stream.lost.errno == errno.EPIPE:
        return ""
    return f"standard output cannot be written ({stream.lost.strerror}): what was printed is incomplete"


def _open_closed() -> None:
    """Open what is closed of the three streams as nothing, or the next file that is opened takes its place."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115 (open as long as the program runs)
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115 (open as long as the program runs)
