"""Tiles hold every block pair once, and enough of them are looked at for the sums over pairs of subjects."""

import numpy as np
import pytest

from facegap.scoring.tiles import ENOUGH, LOOKED_AT, tiles_by_subject


@pytest.mark.parametrize("n", [0, 1, 40, 65, 5_000, 40_000])
@pytest.mark.parametrize("size", [None, 1 << 20, 7])
def test_every_pair_lies_in_one_tile_and_the_same_ones_are_looked_at_whatever_its_size(n, size):
    pairs = np.arange(2 * n).reshape(n, 2)
    found = list(tiles_by_subject(pairs, size))
    assert np.array_equal(np.concatenate([pairs[:0], *(tile.pairs for tile in found)]), pairs)
    assert size is None or all(len(tile.pairs) <= size for tile in found)
    looked_at = np.concatenate([np.empty(0, bool), *(tile.looked_at for tile in found)])
    all_up_to, step = LOOKED_AT
    if n <= all_up_to:
        assert looked_at.all()
    else:
        assert min(n // step, ENOUGH // 2) <= looked_at.sum() <= min(-(-n // step), ENOUGH)
