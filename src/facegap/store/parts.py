"""A content-addressed store of embeddings in immutable Parquet parts.

The key of a vector is the sha256 of the image's bytes within a folder named by the digest of the model's contract, so a
renamed photo costs nothing and a changed weight file never serves a stale vector. A part is written to a temporary
name, synced and renamed into place: a killed process loses at most the part it was writing, several processes may
write at once, and a damaged part is reported and ignored.
"""

import logging
import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from facegap.errors import StoreError
from facegap.run.files import whole_file

logger = logging.getLogger(__name__)

SCHEMA = pl.Schema(
    {
        "image": pl.String,
        "outcome": pl.UInt8,
        "detail": pl.String,
        "box": pl.List(pl.Float32),
        "vector": pl.List(pl.Float32),
    }
)
LAYOUT = "v1"
FLUSH_RECORDS = 1024
FLUSH_SECONDS = 5.0


@dataclass(frozen=True)
class Record:
    """What a model made of one image: `image` is the sha256 of its bytes, `vector` (D,) float32 or None on failure."""

    image: str
    outcome: int
    detail: str
    box: tuple[float, float, float, float] | None
    vector: np.ndarray | None


@dataclass(frozen=True)
class Loaded:
    """What the store knew: records by image, and the parts that could not be read."""

    records: dict[str, Record]
    damaged: tuple[Path, ...]


class EmbeddingStore:
    """The store below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def load(self, key: str, images: Collection[str]) -> Loaded:
        """Return what is known of `images` (sha256) under the model digest `key`."""
        wanted = pl.Series("image", sorted(set(images)), dtype=pl.String)
        records: dict[str, Record] = {}
        damaged: list[Path] = []
        for part in sorted(self._folder(key).glob("*.parquet")):
            try:
                frame = pl.read_parquet(part, memory_map=False).select(pl.col(n).cast(t) for n, t in SCHEMA.items())
            except (OSError, pl.exceptions.PolarsError) as error:
                logger.warning("ignoring the damaged store part %s (%s); its images are embedded again", part, error)
                damaged.append(part)
                continue
            for row in frame.filter(pl.col("image").is_in(wanted.implode())).iter_rows(named=True):
                records[row["image"]] = _record(row)
        return Loaded(records, tuple(damaged))

    def writer(self, key: str) -> "PartWriter":
        """Return a writer for the model digest `key`; use it as a context."""
        return PartWriter(self._folder(key))

    def _folder(self, key: str) -> Path:
        return self.root / LAYOUT / key


def _record(row: dict) -> Record:
    return Record(
        image=row["image"],
        outcome=row["outcome"],
        detail=row["detail"],
        box=None if row["box"] is None else tuple(row["box"]),
        vector=None if row["vector"] is None else np.array(row["vector"], np.float32),
    )


class PartWriter:
    """Collects records and writes them out in parts, every few seconds and at the end, also after an error."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pending: list[Record] = []
        self._last = time.monotonic()

    def __enter__(self) -> "PartWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()

    def add(self, record: Record) -> None:
        """Take a record; it is on disk after the next `flush`."""
        self._pending.append(record)
        if len(self._pending) >= FLUSH_RECORDS or time.monotonic() - self._last >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what is pending as one part.

        Raises:
            StoreError: the folder cannot be written.
        """
        self._last = time.monotonic()
        if not self._pending:
            return
        frame = pl.DataFrame(
            {
                "image": [r.image for r in self._pending],
                "outcome": [r.outcome for r in self._pending],
                "detail": [r.detail for r in self._pending],
                "box": [r.box for r in self._pending],
                "vector": [None if r.vector is None else r.vector.tolist() for r in self._pending],
            },
            schema=SCHEMA,
        )
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with whole_file(self._folder / f"{uuid.uuid4().hex}.parquet") as file:
                frame.write_parquet(file)
        except OSError as error:
            raise StoreError(
                f"cannot write to the store {self._folder} ({error}): free space or name another --store"
            ) from None
        self._pending = []
