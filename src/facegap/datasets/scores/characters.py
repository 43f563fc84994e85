"""Text files of any length as UTF-8, whatever they were written in: as `sheet.read_text` reads a table."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import TextIOWrapper
from pathlib import Path
from typing import Protocol

from facegap.data.input_summary import InputCode
from facegap.datasets.sheet import ENCODINGS, UTF_16, WIDE, no_text
from facegap.run.ordinary import open_ordinary

BYTES = 1 << 25
"""How much of a text file is read at once."""

LARGEST_LIST = 1 << 40
"""Bytes of the largest list of scores that is gone through; it is never in memory as a whole."""


class Lines(Protocol):
    """An open text file: `read` and `readline` return bytes in UTF-8; sizes are upper bounds of what is read."""

    def read(self, size: int, /) -> bytes:
        """Return the next part."""
        ...

    def readline(self, size: int, /) -> bytes:
        """Return the rest of a line."""
        ...


@dataclass(frozen=True)
class _Recoded:
    """A text file in another encoding than UTF-8. Sizes are in characters."""

    text: TextIOWrapper

    def read(self, size: int) -> bytes:
        return self.text.read(size).encode()

    def readline(self, size: int) -> bytes:
        return self.text.readline(size).encode()


@contextmanager
def opened(path: Path) -> Iterator[Lines]:
    """Open a text file as UTF-8, without its mark.

    Raises:
        OSError: the file cannot be read.
        InputError: it is no text.
    """
    encoding = _encoding_of(path)
    with open_ordinary(path, most=LARGEST_LIST) as file:
        if encoding in ("utf-8", "utf-8-sig"):
            file.seek(0 if encoding == "utf-8" else len(codecs.BOM_UTF8))
            yield file
        else:
            with TextIOWrapper(file, encoding, newline="\n") as text:
                yield _Recoded(text)


def encoding_code(path: Path) -> InputCode | None:
    """Return what to say where a text file is no UTF-8.

    Raises:
        OSError: the file cannot be read.
        InputError: it is no text.
    """
    return ENCODINGS.get(_encoding_of(path))


def _encoding_of(path: Path) -> str:
    found = path.stat()
    return _looked_through(path, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=16)
def _looked_through(path: Path, size: int, changed: int) -> str:
    """Return the encoding that all of a file is in."""
    with open_ordinary(path, most=LARGEST_LIST) as file:
        begin = file.read(len(codecs.BOM_UTF8))
    if begin.startswith(WIDE):
        return UTF_16
    marked = begin.startswith(codecs.BOM_UTF8)
    for encoding in ("utf-8", *(one for one in ENCODINGS if one not in ("utf-8-sig", UTF_16))):
        if _is_in(path, encoding):
            return "utf-8-sig" if marked and encoding == "utf-8" else encoding
    raise no_text(path)


def _is_in(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    clean = True
    with open_ordinary(path, most=LARGEST_LIST) as file:
        try:
            while part := file.read(BYTES):
                if clean and part.isascii():  # far quicker than decoding it
                    continue
                decoder.decode(part)
                clean = not decoder.getstate()[0]
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
