"""A store at a URL: a folder of this machine has the parts that were asked for, and what is written goes to both.

The URL decides. A part is sent there before it lies here, and reading a key first fetches what is missing here and
removes what has gone there. Parts never change, so no two machines disagree about one.
"""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

from facegap.data.own_files import KEY
from facegap.errors import StoreError
from facegap.run.cache import default_root
from facegap.run.files import whole_file
from facegap.run.remote import RemotePath, names_below, place, put_url, read_url, remove_url
from facegap.store.folders import KINDS, OWNER_ALONE, make_folder

logger = logging.getLogger(__name__)

MIRRORS = "mirrors"
URL = "url"
"""The file that says which store a folder is the mirror of."""

CHECKED = ".parquet"
"""Files that are named by their sha256."""

LOCAL = (".part", ".damaged")
"""Files that are here alone: drafts of any process, and what was set aside."""

LARGEST = 1 << 30
"""No file of a store has as many bytes."""


@dataclass(frozen=True)
class Mirror:
    """The folder `root` of this machine for the store at `url`."""

    url: str
    root: Path

    def fetch(self, kind: str, key: str) -> list[str]:
        """Bring the folder of a key up to date; return the names below the store of parts that are damaged there.

        Raises:
            StoreError: the store cannot be read, or this machine cannot keep what it holds.
        """
        damaged = []
        try:
            folder = make_folder(self.root, kind, key)
            url = f"{self.url}/{folder.relative_to(self.root).as_posix()}"
            there = {name for name in names_below(url, fresh=True) if _is_part(name)}
            here = {path.name for path in folder.iterdir() if path.suffix not in LOCAL}
            for name in sorted(there - here):
                try:
                    data = read_url(f"{url}/{name}", most=LARGEST)
                except FileNotFoundError:  # another machine removed it meanwhile
                    continue
                if name.endswith(CHECKED) and hashlib.sha256(data).hexdigest() != Path(name).stem:
                    logger.warning("the store part %s/%s is damaged: its images are made again", url, name)
                    damaged.append(f"{folder.relative_to(self.root).as_posix()}/{name}")
                    continue
                with whole_file(folder / name) as file:
                    file.write(data)
            for name in here - there:
                (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(
                "the store {url} cannot be read ({reason}): allow it, or name another --store",
                url=self.url,
                reason=error.strerror,
            ) from None
        return damaged

    def fetch_all(self, kind: str) -> list[str]:
        """Bring the folders of all keys of a kind up to date, and return what `fetch` does.

        Raises:
            StoreError: see `fetch`.
        """
        try:
            parts = make_folder(self.root, kind, "")
            names = names_below(f"{self.url}/{parts.name}", fresh=True)
        except OSError as error:
            raise StoreError(
                "the store {url} cannot be read ({reason}): allow it, or name another --store",
                url=self.url,
                reason=error.strerror,
            ) from None
        keys = {name.partition("/")[0] for name in names} | {path.name for path in parts.iterdir()}
        return [name for key in sorted(filter(KEY.fullmatch, keys)) for name in self.fetch(kind, key)]

    def remove_damaged(self) -> int:
        """Remove the parts that are damaged at the URL, and return how many.

        Raises:
            StoreError: the store cannot be read or written.
        """
        damaged = [name for kind in KINDS for name in self.fetch_all(kind)]
        try:
            for name in damaged:
                remove_url(f"{self.url}/{name}")
        except OSError as error:
            raise StoreError(
                "{filename} cannot be removed ({reason}): its owner can do it", filename=name, reason=error.strerror
            ) from None
        return len(damaged)

    def send(self, path: Path, data: bytes) -> None:
        """Write a part at the URL; `path` is where it will lie here.

        Raises:
            OSError: it cannot be written.
        """
        put_url(self._of(path), data)

    def remove(self, path: Path) -> None:
        """Remove a part at the URL.

        Raises:
            OSError: it cannot be removed.
        """
        remove_url(self._of(path))

    def _of(self, path: Path) -> str:
        return f"{self.url}/{path.relative_to(self.root).as_posix()}"


def _is_part(name: str) -> bool:
    """Return whether a name at the URL is that of a file in the folder itself: whoever writes there chooses names."""
    return Path(name).name == name and Path(name).suffix not in LOCAL


def store_root(root: str | Path | None) -> Path:
    """Return the folder of a store: the usual one, the one that is named, or the mirror of the one at a URL.

    Raises:
        StoreError: the mirror cannot be made.
    """
    if root is None:
        return default_root()
    root = place(root) if isinstance(root, str) else root
    if not isinstance(root, RemotePath):
        return root
    url = str(root)
    folder = default_root() / MIRRORS / hashlib.sha256(url.encode()).hexdigest()[:16]
    try:
        folder.mkdir(OWNER_ALONE, parents=True, exist_ok=True)
        folder.chmod(OWNER_ALONE)
        with whole_file(folder / URL) as file:
            file.write(url.encode())
    except OSError as error:
        raise StoreError(
            "no copy of the store {url} can be kept in {folder} ({reason}): name another with $FACEGAP_STORE",
            url=url,
            folder=folder,
            reason=error.strerror,
        ) from None
    return folder


def mirror_at(root: Path) -> Mirror | None:
    """Return the mirror that a folder is, in whatever process it was made."""
    if root.parent.name != MIRRORS:
        return None
    try:
        return Mirror((root / URL).read_text(), root)
    except OSError:
        return None


def shown(root: Path) -> str:
    """Return what a store is called: its folder, or its URL."""
    mirror = mirror_at(root)
    return str(root) if mirror is None else mirror.url


def store_url(root: str | Path | None) -> str | None:
    """Return the URL of a store, None where it is a folder of this machine; see `store_root`."""
    mirror = mirror_at(store_root(root))
    return mirror and mirror.url
