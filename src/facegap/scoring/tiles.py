"""How the comparisons are cut into pieces of work."""

from collections.abc import Iterator

import numpy as np

from facegap.scoring.backend import Tile
from facegap.scoring.layout import Blocks, block_pairs

TILES = 16
"""Tiles that the comparisons are cut into, or more if they are many: whole rounds for 2, 4, 8 or 16 workers."""

SMALLEST, LARGEST = 6, 128
"""Block pairs in a tile: enough to hide what a tile costs, and few enough for 32-bit counts."""

PARTS = 16
"""Into how many tiles the comparisons of two cohorts are cut where each holds counts for every subject."""

LEAST, MOST = 8, 8192
"""Block pairs in such a tile: enough to hide what it costs, and few enough for 32-bit counts."""

LOOKED_AT = 64, 16
"""Of so many block pairs each, of more every so-manieth, is looked at for the sums over pairs of subjects."""

ENOUGH = 1024
"""No more block pairs than these are looked at: a quarter of a billion comparisons."""


def pieces(pairs: np.ndarray, size: int) -> Iterator[Tile]:
    """Yield (n, 2) block pairs in tiles of `size`, in which pairs of subjects are not looked at."""
    for start in range(0, len(pairs), size):
        part = pairs[start : start + size]
        yield Tile(part, np.zeros(len(part), bool))


def tiles(blocks: Blocks, size: int | None) -> Iterator[tuple[int, Tile]]:
    """Yield the cell and the block pairs of each tile, at most `size` of them."""
    if size is None:
        size = min(max(-(-len(blocks) * (len(blocks) + 1) // 2 // TILES), SMALLEST), LARGEST)
    for at, pairs in block_pairs(blocks):
        for tile in pieces(pairs, size):
            yield at, tile


def tiles_by_subject(pairs: np.ndarray, size: int | None) -> Iterator[Tile]:
    """Yield the (n, 2) block pairs of a cell in large tiles, with those that pairs of subjects are looked at in."""
    if size is None:
        size = min(max(LEAST, -(-len(pairs) // PARTS)), MOST)
    all_up_to, step = LOOKED_AT
    step = 1 if len(pairs) <= all_up_to else max(step, -(-len(pairs) // ENOUGH))
    looked_at = np.arange(len(pairs)) % step == 0
    for start in range(0, len(pairs), size):
        yield Tile(pairs[start : start + size], looked_at[start : start + size])
