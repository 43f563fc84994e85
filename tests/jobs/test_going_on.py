"""A study that was killed amid its comparisons goes on with them, and leaves nothing behind once it is done."""

import os
from dataclasses import replace

import numpy as np
import pytest

import facegap
from facegap.run.executor import Serial
from facegap.scoring import keeping, shards, tiles
from facegap.store.upkeep import forget, prune


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


class Mortal:
    """Does one thing after another, and dies after `lives` items that count shards."""

    workers, shares_memory = 1, True

    def __init__(self, lives: int) -> None:
        self.lives = lives

    def map(self, make_worker, items, **options):
        for result in Serial().map(make_worker, items, **options):
            if isinstance(result, shards.Cells):
                self.lives -= 1
                if self.lives < 0:
                    raise Killed
            yield result


@pytest.fixture
def study(tmp_path, monkeypatch) -> facegap.Study:
    """Embeddings of two cohorts, too many for all scores to be kept, in shards that are kept at once."""
    monkeypatch.setattr(keeping, "LONG", 0)
    monkeypatch.setattr(keeping, "EVERY", 0.0)
    monkeypatch.setattr(keeping, "SHARE", 0)
    monkeypatch.setattr(tiles, "LEAST", 1)
    monkeypatch.setattr("facegap.scoring.cpu.products.Kept.fits", lambda *_: False)
    rng, inputs = np.random.default_rng(5), []
    for name in ("a", "b"):
        subject = np.repeat(np.arange(100), 6)
        vectors = (rng.normal(size=(100, 8))[subject] + rng.normal(size=(600, 8))).astype(np.float32)
        np.savez(tmp_path / f"{name}.npz", embedding=vectors, subject=subject.astype(str))
        inputs.append(f"{name}={tmp_path / name}.npz")
    return facegap.Study(inputs=inputs, store=tmp_path / "store")


def test_a_killed_evaluation_goes_on_and_leaves_nothing(study, tmp_path):
    made = {}
    for name, lives in (("whole", 10), ("killed", 4), ("went on", 10)):
        one = replace(study, store=tmp_path / ("other" if name == "whole" else "store"))
        mortal = Mortal(lives)
        if name == "killed":
            with pytest.raises(Killed):
                facegap.evaluate(one, executor=mortal)
            assert {path.name for path in tmp_path.rglob("*.npz")} > {"counts-0.npz", "counts-1.npz"}
            continue
        facegap.evaluate(one, executor=mortal).timed(0.0).to_parquet(tmp_path / f"{name}.parquet")
        made[name] = 10 - mortal.lives, (tmp_path / f"{name}.parquet").read_bytes()
        assert not list((one.store / "sums-v2").iterdir())
    assert made["whole"][1] == made["went on"][1]
    assert made["whole"][0] == made["went on"][0] + 4


def test_counts_that_nobody_went_on_with_are_cleared_away(study):
    for clear in (lambda root: forget(root, ["0" * 64]), prune):
        with pytest.raises(Killed):
            facegap.evaluate(study, executor=Mortal(1))
        kept = list((study.store / "sums-v2").iterdir())
        assert len(kept) == 1
        if clear is prune:
            assert prune(study.store).files == 0  # a run may be at work on them
            os.utime(kept[0], (0, 0))
        assert clear(study.store).files == 1
        assert not list((study.store / "sums-v2").iterdir())
