"""Studies that are too small to say anything, for tests of how they run."""

import pytest

from studies import truth as truths


@pytest.fixture
def small_truth(monkeypatch, tmp_path):
    """Take the truth from few draws, keep it in a folder of the test, and forget it afterwards."""
    monkeypatch.setattr(truths, "DRAWS", 10)
    monkeypatch.setattr(truths, "CACHE", tmp_path / "truth")
    truths.distributions.cache_clear()
    yield truths
    truths.distributions.cache_clear()
