"""The answers of a black box that compares two images: what was paid for once is not asked again."""

import io
from collections.abc import Collection
from pathlib import Path

import polars as pl

from facegap.data.embeddings import Outcome
from facegap.store.folders import SCORES
from facegap.store.part_files import Damaged, read_table, write_named
from facegap.store.part_store import PartStore
from facegap.store.records import SHA256

SCHEMA = pl.Schema({"image": pl.String, "other": pl.String, "outcome": pl.UInt8, "score": pl.Float64})
"""`image`, `other`: sha256 of the bytes of both images, the lower first. `score`: null where there is none."""


class ScoreStore(PartStore):
    """The store of scores below one folder; a row belongs to both of its images."""

    kind = SCORES

    def load(self, key: str) -> pl.DataFrame:
        """Return all that is known under the digest `key` of a model, in the columns of `SCHEMA`.

        Raises:
            StoreError: the store cannot be read, or a newer facegap wrote to it.
        """
        parts = [table.select(SCHEMA.names()) for _, table in self.tables(self._folder(key))]
        return pl.concat([pl.DataFrame(schema=SCHEMA), *parts]).unique(("image", "other"), keep="last")

    def add(self, key: str, image: Collection[str], other: Collection[str], score: Collection[float | None]) -> None:
        """Write answers as one part; images in any order.

        Raises:
            StoreError: the store cannot be written.
        """
        pairs = [sorted(pair) for pair in zip(image, other, strict=True)]
        outcome = [Outcome.NO_SCORE if one is None else Outcome.OK for one in score]
        columns = [pair[0] for pair in pairs], [pair[1] for pair in pairs], outcome, list(score)
        table = pl.DataFrame(dict(zip(SCHEMA, columns, strict=True)), schema=SCHEMA)
        folder = self.open(key)
        try:
            _write(folder, table)
        except OSError as error:
            raise self._cannot_write(error) from None

    def forget(self, images: Collection[str]) -> int:
        """Remove every comparison with one of `images` (sha256); see `PartStore.forget`."""
        gone = pl.Series(sorted(set(images)), dtype=pl.String).implode()
        return self._remove(lambda frame: frame["image"].is_in(gone) | frame["other"].is_in(gone))

    def keep_only(self, images: Collection[str]) -> int:
        """Remove every comparison with another image than these; see `PartStore.keep_only`."""
        kept = pl.Series(sorted(set(images)), dtype=pl.String).implode()
        return self._remove(lambda frame: ~(frame["image"].is_in(kept) & frame["other"].is_in(kept)))

    def _read(self, path: Path) -> pl.DataFrame:
        table = read_table(path, SCHEMA)
        named = pl.col("image").str.contains(SHA256) & pl.col("other").str.contains(SHA256)
        scored = (pl.col("outcome") == Outcome.OK) == pl.col("score").is_finite().fill_null(False)
        if not table.select((named & scored).fill_null(False).all()).item():
            raise Damaged("an image has no sha256, or a score is none")
        return table

    def _rewrite(self, path: Path, frame: pl.DataFrame) -> None:
        _write(path.parent, frame)


def _write(folder: Path, table: pl.DataFrame) -> None:
    made = io.BytesIO()  # polars makes errors of its own out of a full disk
    table.write_parquet(made)
    write_named(folder, made.getvalue())
