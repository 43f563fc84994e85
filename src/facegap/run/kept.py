"""What takes long to make and is the same each time: made once, and kept in the cache folder behind its sha256."""

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path

from facegap.run.cache import default_root
from facegap.run.files import whole_file

logger = logging.getLogger(__name__)

FOLDER = "networks"
DIGEST_BYTES = hashlib.sha256().digest_size


def kept(name: str, make: Callable[[], bytes], *, folder: Path | None = None) -> bytes:
    """Return what `make` returns, from a folder where it was made before under this name.

    `folder`: by default that of networks in the cache folder. A damaged file is made anew. Where the folder cannot be
    written, every call makes it.
    """
    entry = (folder or default_root() / FOLDER) / name
    content = _read(entry)
    if content is None:
        content = make()
        _write(entry, content)
    return content


def _read(entry: Path) -> bytes | None:
    try:
        with entry.open("rb", buffering=0) as file:
            digest, content = file.read(DIGEST_BYTES), file.read()
    except OSError:
        return None
    return content if hashlib.sha256(content).digest() == digest else None


def _write(entry: Path, content: bytes) -> None:
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(entry) as file:
            file.write(hashlib.sha256(content).digest())
            file.write(content)
    except OSError as error:
        logger.info("%s is not kept, %s cannot be written (%s)", entry.name, entry.parent, error.strerror)
