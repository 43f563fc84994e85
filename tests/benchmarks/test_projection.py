"""The projection is arithmetic on what was measured."""

import pytest
from benchmarks.scoring import Scored
from benchmarks.sizes import COSINE, Case

from benchmarks import projection


def test_a_projection_is_pairs_over_rate(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(projection, "available_workers", lambda: 2)
    pairs = 1000 * 999 // 2
    taken = {"counts": [pairs / 1e8], "intervals": [1.5 * pairs / 1e8], "product": [1.0]}
    one = Scored(Case(1000, 512, COSINE, 1), taken, 1, {"counts": 1, "intervals": 1})
    found = projection.projection([one], 50.0)
    first, last = found.rows[0], found.rows[-1]
    assert first[:4] == ("1 million", "512", "1 x 2", "2.05 GB")
    assert first[4:] == ("5.56 h", "500 billion", "83.3 min", "2.08 h")
    assert last[2:4] == ("100 x 64", "205 GB")
    assert last[6] == "4.34 h"
    assert found.notes[1].endswith("512 x 4 bytes = 205 GB.")
