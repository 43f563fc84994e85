"""Studies of real people: the universe, its truth, and what a sample without replacement asks for."""

import itertools

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from studies.reading import LEVEL, Quantity, Reading

from facegap import Comparator
from facegap.errors import InputError
from studies import real


@pytest.fixture
def saved(tmp_path):
    rng = np.random.default_rng(0)
    subject = np.repeat([f"{k:03}" for k in range(60)], np.resize([1, 2, 3, 14], 60))
    codes = np.unique(subject, return_inverse=True)[1]
    centres = rng.standard_normal((60, 12))
    order = rng.permutation(len(codes))
    dlib, other = (3 * (centres[codes] + 0.7 * rng.standard_normal((len(codes), 12)))[order] for _ in range(2))
    np.savez(
        tmp_path / "real.npz", subject=subject[order], dlib=dlib.astype(np.float32), other=other.astype(np.float32)
    )
    return tmp_path / "real.npz"


def test_a_universe_has_at_most_ten_images_of_a_subject_and_dlib_is_compared_by_distance(saved):
    found = real.Universe.read(saved)
    assert found.names == ("dlib", "other")
    assert found.comparators == (Comparator.EUCLIDEAN, Comparator.COSINE)
    assert np.bincount(found.subject).tolist() == np.resize([1, 2, 3, 10], 60).tolist()
    several = found.among(2)
    assert several.people == 45
    assert np.bincount(several.subject).min() == 2
    with np.load(saved) as file:
        assert set(map(tuple, several.vectors[0])) <= set(map(tuple, file["dlib"]))


def test_a_file_of_something_else_is_refused_in_one_line(tmp_path):
    np.savez(tmp_path / "one.npz", subject=[1, 2], embedding=np.zeros((2, 3)))
    with pytest.raises(InputError, match="holds subject, embedding: expected `subject` and one array"):
        real.Universe.read(tmp_path / "one.npz")


def test_the_truth_is_the_value_of_the_whole_universe(saved):
    people = real.Universe.read(saved).among(2)
    design = real.Design("some", 20, 2)
    known = real.truth(people, design)
    pairs = list(itertools.combinations(range(len(people.subject)), 2))
    same = np.array([people.subject[i] == people.subject[j] for i, j in pairs])
    for model, k in (("a", 0), ("b", 1)):
        v = people.vectors[k].astype(np.float64)
        score = [np.linalg.norm(v[i] - v[j]) if k == 0 else v[i] @ v[j] for i, j in pairs]
        similarity = np.array(score) * (-1 if k == 0 else 1)
        cut = known.shipped[k] * (-1 if k == 0 else 1)
        got = {key[2:]: value for key, value in known.values.items() if key[:2] == (model, "all")}
        assert got["auc", ""] == pytest.approx(roc_auc_score(same, similarity), abs=1e-3)
        assert got["fmr", "shipped"] == pytest.approx((similarity[~same] >= cut).mean(), abs=1e-3)
        assert got["fmr", "shipped"] == pytest.approx(real.FMR, abs=1e-3)
        assert got["fnmr", "shipped"] == pytest.approx((similarity[same] < cut).mean(), abs=2e-3)
        genuine = same.sum() * 20 / 45
        impostor = (~same).sum() * 20 * 19 / (45 * 44)
        cuts = np.unique(similarity)
        tar, fmr = ((similarity[kind][:, None] >= cuts).mean(axis=0) for kind in (same, ~same))
        f1 = 2 * tar * genuine / (tar * genuine + fmr * impostor + genuine)
        assert got["f1", "best-f1"] == pytest.approx(f1.max(), abs=2e-3)
    assert known.values["a", "x", "auc", ""] == known.values["a", "y", "auc", ""]


def test_a_draw_takes_whole_subjects_without_replacement_half_of_them_in_each_cohort(saved):
    people = real.Universe.read(saved).among(2)
    drawn = real.draw(people, real.Design("some", 20, 2), np.random.default_rng(1))
    assert drawn.comparators == people.comparators
    assert len({v.tobytes() for v in drawn.vectors[0]}) == len(drawn.subject)
    held = {v.tobytes(): s for v, s in zip(people.vectors[0], people.subject, strict=True)}
    for code in range(20):
        own = drawn.vectors[0][drawn.subject == code]
        (subject,) = {held[v.tobytes()] for v in own}
        assert len(own) == (people.subject == subject).sum()
    assert [len(np.unique(drawn.subject[drawn.cohort == c])) for c in (0, 1)] == [10, 10]


def test_jitter_moves_scores_by_as_much_as_it_says_and_independently(saved):
    people = real.Universe.read(saved).among(2)
    drawn = real.draw(people, real.Design("jittered", 44, 2, jittered=True), np.random.default_rng(1))
    upper = np.triu_indices(len(drawn.subject), 1)
    order = real.draw(people, real.Design("plain", 44, 2), np.random.default_rng(1)).vectors[1]
    moved = [(v @ v.T - order @ order.T)[upper] for v in drawn.vectors]
    assert np.std(moved[0]) == pytest.approx(real.JITTER, rel=0.15)
    assert abs(np.corrcoef(moved)[0, 1]) < 0.1
    assert drawn.comparators == (Comparator.COSINE, Comparator.COSINE)


def test_only_what_lies_nearer_in_a_finite_universe_is_pulled_in(saved):
    people = real.Universe.read(saved)
    design = real.Design("most", 45, 1)
    kinds = ("single", "models", "cohorts", "gaps")
    found = {("m", Quantity(kind, "auc", "", "", LEVEL)): Reading(0.5, 0.3, 0.6, 0.5) for kind in kinds}
    got = {q.kind: (one.low, one.high) for (_, q), one in real.judged(found, people, design).items()}
    assert got["single"] == got["models"] == pytest.approx((0.4, 0.55))
    assert got["cohorts"] == got["gaps"] == (0.3, 0.6)
    jittered = real.judged(found, people, real.Design("jittered", 45, 1, jittered=True))
    assert {q.kind: (one.low, one.high) for (_, q), one in jittered.items()} == {"models": (0.3, 0.6)}


def test_intervals_pulled_in_hold_the_mean_of_a_universe_as_often_as_they_say():
    """FNMR-like means: 60 of 120 without replacement, with textbook intervals for a sample with replacement."""
    rng = np.random.default_rng(2)
    everyone = rng.exponential(size=120)
    held = {1.0: 0, 0.5**0.5: 0}
    for _ in range(2000):
        drawn = rng.permutation(everyone)[:60]
        half = 1.96 * drawn.std(ddof=1) / 60**0.5
        for factor in held:
            reading = Reading(drawn.mean(), drawn.mean() - half, drawn.mean() + half).pulled_in(factor)
            held[factor] += reading.side(everyone.mean()) == 0
    wide, right = (count / 2000 for count in held.values())
    assert wide > 0.98
    assert right == pytest.approx(0.945, abs=0.02)
