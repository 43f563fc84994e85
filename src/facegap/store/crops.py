"""A content-addressed store of face crops, in immutable parts: what a network is trained on is cut out once.

The key of a crop is the sha256 of the image's bytes within a folder named by what decides how it is cut. A part is an
array of pixels and a table of what came of each image; the table is written last, so that a killed process loses at
most the part it was writing and several processes may write at once.
"""

import logging
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from facegap.run.files import written_whole

logger = logging.getLogger(__name__)

SCHEMA = pl.Schema({"image": pl.String, "outcome": pl.UInt8, "detail": pl.String, "place": pl.Int64})
LAYOUT = "crops-v1"
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class FreshCrop:
    """What was cut of an image: `image` is the sha256 of its bytes, `pixels` (size, size, 3) uint8 or None."""

    image: str
    outcome: int
    detail: str
    pixels: np.ndarray | None


@dataclass(frozen=True)
class StoredCrop:
    """Where the crop of an image lies: at `place` of the array in the file `part`; `NOWHERE` if there is none."""

    outcome: int
    detail: str
    part: Path
    place: int


class CropStore:
    """The crops below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def load(self, key: str, images: Collection[str]) -> dict[str, StoredCrop]:
        """Return what is known of `images` (sha256) that were cut as `key` says, by image."""
        wanted = pl.Series("image", sorted(set(images)), dtype=pl.String)
        found: dict[str, StoredCrop] = {}
        for table in sorted(self._folder(key).glob("*.parquet")):
            part = table.with_suffix(".npy")
            try:
                frame = pl.read_parquet(table, memory_map=False).select(pl.col(n).cast(t) for n, t in SCHEMA.items())
                pixels = mapped(part) if frame["place"].max() != NOWHERE else None
            except (OSError, ValueError, EOFError, pl.exceptions.PolarsError) as error:
                logger.warning("ignoring the damaged crops %s (%s); they are cut again", table, error)
                continue
            last = NOWHERE if pixels is None else len(pixels) - 1
            for row in frame.filter(pl.col("image").is_in(wanted.implode()) & (pl.col("place") <= last)).iter_rows():
                image, outcome, detail, place = row
                found[image] = StoredCrop(outcome, detail, part, place)
        return found

    def add(self, key: str, crops: Sequence[FreshCrop]) -> None:
        """Write crops as one part.

        Raises:
            InputError: the folder cannot be written.
        """
        made = [crop.pixels for crop in crops if crop.pixels is not None]
        place = np.cumsum([crop.pixels is not None for crop in crops]) - 1
        frame = pl.DataFrame(
            {
                "image": [crop.image for crop in crops],
                "outcome": [crop.outcome for crop in crops],
                "detail": [crop.detail for crop in crops],
                "place": [NOWHERE if c.pixels is None else int(p) for c, p in zip(crops, place, strict=True)],
            },
            schema=SCHEMA,
        )
        table = self._folder(key) / f"{uuid.uuid4().hex}.parquet"
        with written_whole(table.with_suffix(".npy"), table) as (pixels_draft, table_draft):
            np.save(pixels_draft, np.stack(made) if made else np.empty(0, np.uint8))
            frame.write_parquet(table_draft)

    def _folder(self, key: str) -> Path:
        return self.root / LAYOUT / key


def mapped(part: Path) -> np.ndarray:
    """Return the crops (n, size, size, 3) uint8 of a part, read from disk when they are looked at."""
    return np.load(part, mmap_mode="r")
