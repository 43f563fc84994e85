"""What the stores of embeddings and of crops have in common: parts below a folder for each key, read and removed."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import polars as pl

from facegap.errors import StoreError
from facegap.run.remote import place
from facegap.store.folders import close_to_others, folder_of, key_folders, make_folder, older_folders
from facegap.store.mirror import mirror_at, shown, store_root
from facegap.store.part_files import DEAD_AFTER, DRAFT, delete_file, idle_files, sound

logger = logging.getLogger(__name__)


class PartStore(ABC):
    """Parts of one kind below one folder. Each has a table with a row for each image, by the sha256 of its bytes."""

    kind: ClassVar[str]

    def __init__(self, root: Path) -> None:
        self.root = store_root(root)

    def __reduce__(self) -> tuple[type["PartStore"], tuple[Path]]:
        """Let a process on another machine open what is at a URL by itself, with a copy of its own."""
        return type(self), (self.place,)

    @property
    def place(self) -> Path:
        """Where it is: a folder, or a URL."""
        return place(shown(self.root))

    def tables(self, folder: Path, damaged: list[Path] | None = None) -> Iterator[tuple[Path, pl.DataFrame]]:
        """Yield the parts of a key's folder that are sound; others are set aside and added to `damaged`."""
        yield from sound(folder, self._read, [] if damaged is None else damaged)

    def folders(self) -> list[Path]:
        """Return the folder of every key.

        Raises:
            StoreError: the store cannot be read.
        """
        if mirror := mirror_at(self.root):
            mirror.fetch_all(self.kind)
        return key_folders(self.root, self.kind)

    def forget(self, images: Collection[str]) -> int:
        """Remove all that was made of `images` (sha256) under every key; return how many rows that were.

        Raises:
            StoreError: the store cannot be read or written.
        """
        gone = pl.Series(sorted(set(images)), dtype=pl.String)
        return self._remove(lambda frame: frame["image"].is_in(gone.implode()))

    def keep_only(self, images: Collection[str]) -> int:
        """Remove all that was made of other images than these; return how many rows that were.

        Raises:
            StoreError: the store cannot be read or written.
        """
        kept = pl.Series(sorted(set(images)), dtype=pl.String)
        return self._remove(lambda frame: ~frame["image"].is_in(kept.implode()))

    def _remove(self, unwanted: Callable[[pl.DataFrame], pl.Series]) -> int:
        if mirror_at(self.root):  # a copy that is damaged here is set aside, and fetched anew
            for folder in self.folders():
                for _ in self.tables(folder):
                    pass
        removed, damaged = 0, []
        for folder in self.folders():
            for path, frame in self.tables(folder, damaged):
                gone = unwanted(frame)
                if not gone.any():
                    continue
                try:
                    if not gone.all():
                        self._rewrite(path, frame.filter(~gone))
                    self._delete(path)
                except OSError as error:
                    raise self._cannot_write(error) from None
                removed += int(gone.sum())
        if left := [path for path in damaged if path.exists()]:
            raise StoreError(
                "{left} cannot be read, and may hold what is to be removed: remove it as its owner", left=left[0]
            )
        return removed

    def open(self, key: str) -> Path:
        """Return the folder of a key, ready to be written to.

        Raises:
            StoreError: it cannot be made.
        """
        try:
            folder = make_folder(self.root, self.kind, key)
        except OSError as error:
            raise self._cannot_write(error) from None
        for left in idle_files(folder, DRAFT, DEAD_AFTER):
            with suppress(OSError):
                left.unlink()
        return folder

    def _folder(self, key: str) -> Path:
        """Return the folder of a key, there or not; say what of it this facegap does not read.

        Raises:
            StoreError: the store cannot be read, or a newer facegap wrote to it.
        """
        if mirror := mirror_at(self.root):
            mirror.fetch(self.kind, key)
        older = older_folders(self.root)
        close_to_others(older)
        for left in older:
            if (left / key).is_dir() and left.name.startswith(f"{self.kind}v"):
                logger.warning(
                    "%s has no checksums and is not read: its images are made again, once; "
                    "`facegap store %s --prune` removes it",
                    left / key,
                    self.root,
                )
        return folder_of(self.root, self.kind) / key

    def _cannot_write(self, error: OSError) -> StoreError:
        reason = error.strerror or error
        return StoreError(
            "cannot write to the store {root} ({reason}): free space or name another --store; what it holds stays "
            "usable",
            root=shown(self.root),
            reason=reason,
        )

    @abstractmethod
    def _read(self, path: Path) -> pl.DataFrame:
        """Return the table of a part."""

    @abstractmethod
    def _rewrite(self, path: Path, frame: pl.DataFrame) -> None:
        """Write the rows of `frame`, some of those of the part `path`, as a part of their own."""

    def _delete(self, path: Path) -> None:
        delete_file(path)
