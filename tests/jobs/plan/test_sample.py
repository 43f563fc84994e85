import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.jobs.plan import sample
from facegap.jobs.plan.sample import by_subject, depths, most_impostors, samples
from facegap.metrics import chosen
from facegap.run.executor import Serial
from facegap.stats import Combination
from jobs.plan.crowd import draw


def uneven() -> np.ndarray:
    """30 subjects with one image, 20 with two, 15 with four and 15 with nine."""
    return np.repeat(np.arange(80, dtype=np.int32), [1] * 30 + [2] * 20 + [4] * 15 + [9] * 15)


def test_a_pilot_is_looked_at_as_far_as_half_its_subjects_go():
    assert depths(np.repeat(np.arange(20), 6)) == [1, 2, 3, 5, 6]
    assert depths(uneven()) == [1, 2, 3, 4]
    assert depths(np.repeat(np.arange(30), [9] * 9 + [2] * 21)) == [1, 2]


def test_samples_hold_so_many_images_of_the_same_subjects():
    subject = uneven()
    found = list(samples(subject, np.random.default_rng(1)))
    assert {(s.images, s.wide) for s in found} == {(m, False) for m in (1, 2, 3, 4)} | {(1, True), (2, True)}
    for one in found:
        members, images = np.unique(subject[one.rows], return_counts=True)
        assert (images == one.images).all()
        assert len(np.unique(one.rows)) == len(one.rows)
        assert len(members) == ({1: 80, 2: 50}[one.images] if one.wide else 30)
    chosen = {tuple(one.rows) for one in found if one.images == 2 and one.wide}
    assert len(chosen) == sample.DRAWS


def test_a_sample_of_everything_is_taken_once():
    found = list(samples(np.repeat(np.arange(12), 3), np.random.default_rng(1)))
    assert sum(one.images == 3 for one in found) == 1
    assert not any(one.wide for one in found)


def test_a_large_pilot_is_thinned(monkeypatch):
    monkeypatch.setattr(sample, "MOST_SUBJECTS", 25)
    subject = uneven()
    assert all(len(np.unique(subject[one.rows])) <= 25 for one in samples(subject, np.random.default_rng(1)))
    assert most_impostors(subject) == 4 * 4 * 25 * 24 // 2


def test_the_same_seed_draws_the_same_samples():
    first, again = (list(samples(uneven(), np.random.default_rng(3))) for _ in range(2))
    assert all(np.array_equal(a.rows, b.rows) for a, b in zip(first, again, strict=True))


def test_rates_are_those_of_all_comparisons():
    subject, (vectors,) = draw(12, 3, np.random.default_rng(1))
    rates = by_subject(vectors, subject, Comparator.COSINE, [0.1, 1e-6], Serial())
    assert rates.rates.counts.n_genuine == 36
    assert rates.rates.counts.n_impostor == most_impostors(subject) == 36 * 35 // 2 - 36
    assert rates.auc().value == pytest.approx(rates.rates.auc())
    for one in (chosen.tar(rates, 0.1), chosen.eer(rates)):
        assert Combination(((1.0, one),)).known
