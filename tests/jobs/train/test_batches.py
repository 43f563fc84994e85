"""Batches hold several images of each of several subjects, in an order that the seed and the epoch fix."""

from collections import Counter
from itertools import chain

import numpy as np
import pytest

pytest.importorskip("torch", reason="training is an extra: pip install 'facegap[train]'")

from hypothesis import given
from hypothesis import strategies as st

from facegap.jobs.train.batches import SubjectBatches


def batches(counts: list[int], *, subjects: int = 3, images: int = 2, epoch: int = 0, seed: int = 0, **where: int):
    label = np.repeat(np.arange(len(counts)), counts)
    drawn = SubjectBatches(10 + np.arange(len(label)), label, subjects=subjects, images=images, seed=seed, **where)
    drawn.set_epoch(epoch)
    return drawn


@given(st.lists(st.integers(1, 9), min_size=2, max_size=12), st.integers(1, 4), st.integers(1, 4), st.integers(0, 3))
def test_every_batch_is_full_of_handfuls_and_an_epoch_shows_every_image_about_once(counts, subjects, images, epoch):
    label = np.repeat(np.arange(len(counts)), counts)
    drawn = batches(counts, subjects=subjects, images=images, epoch=epoch)
    shown = list(drawn)
    assert len(shown) == len(drawn)
    for batch in shown:
        of_batch = label[[row - 10 for row, *_ in batch]].reshape(subjects, images)
        assert (of_batch == of_batch[:, :1]).all()
    places = [tuple(rest) for batch in shown for _, *rest in batch]
    assert len(set(places)) == len(places), "no two draws share their random numbers"
    often = Counter(row for batch in shown for row, *_ in batch)
    if len(shown) > 1:
        assert max(often.values()) <= images
        dropped = sum(-(-n // images) for n in counts) % subjects
        assert len(often) >= len(label) - dropped * images


def test_the_epoch_and_the_seed_decide_the_order():
    counts = [4, 5, 6, 3]
    assert list(batches(counts, epoch=1)) == list(batches(counts, epoch=1))
    assert list(batches(counts, epoch=1)) != list(batches(counts, epoch=2))
    assert list(batches(counts, seed=1)) != list(batches(counts, seed=2))


@pytest.mark.parametrize("counts", [[6] * 13, [2, 2]])
def test_processes_share_each_batch_of_one(counts):
    """Together they are shown the batches of one process, each image changed in the same way; few images, too."""
    whole = list(batches(counts, subjects=6))
    for world in (2, 3, 6):
        parts = [list(batches(counts, subjects=6, rank=rank, world=world)) for rank in range(world)]
        assert {len(part) for part in parts} == {len(whole)}
        assert [list(chain(*shared)) for shared in zip(*parts, strict=True)] == whole
