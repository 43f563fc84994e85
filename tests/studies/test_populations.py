"""The simulated people: who is drawn, and that they are what the study says they are."""

import numpy as np
import pytest
from studies.populations import CONTRASTS, DIFFERENCE, EQUAL, HUBS, NULL, PLAIN, POPULATIONS, draw, draw_people


@pytest.mark.parametrize("name", POPULATIONS)
def test_every_draw_has_the_comparisons_that_the_truth_counts_on(name):
    population = POPULATIONS[name]
    drawn = draw(population, NULL, np.random.default_rng(0))
    assert drawn.vectors.shape[:2] == (2, len(drawn.subject))
    assert len(np.unique(drawn.subject)) == population.subjects
    same = drawn.subject[:, None] == drawn.subject
    upper = np.triu(np.ones(same.shape, bool), 1)
    in_x = drawn.cohort == 0
    within = np.outer(in_x, in_x) & upper
    found = population.comparisons()
    assert found["x", "x"] == ((same & within).sum(), (~same & within).sum())
    assert sum(genuine for genuine, _ in found.values()) == (same & upper).sum()
    assert sum(impostor for _, impostor in found.values()) == (~same & upper).sum()


def test_a_draw_follows_its_seed_alone_and_its_vectors_have_length_one():
    population = POPULATIONS["unequal counts"]
    one, again, other = (draw(population, DIFFERENCE, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one.vectors, again.vectors)
    assert np.array_equal(one.subject, again.subject)
    assert not np.array_equal(one.vectors, other.vectors)
    assert np.linalg.norm(one.vectors, axis=-1) == pytest.approx(1, abs=1e-5)


def false_matches(nature, seed=3, people=200):
    """Return (S,) false matches of each subject at FMR 1 % in one large draw of model a."""
    drawn = draw_people(nature, NULL, np.full(people, 4), np.random.default_rng(seed))
    scores = drawn.vectors[0] @ drawn.vectors[0].T
    impostor = drawn.subject[:, None] != drawn.subject
    accepted = impostor & (scores >= np.quantile(scores[impostor], 0.99))
    return np.bincount(drawn.subject, accepted.sum(axis=1))


def test_hubs_draw_most_false_matches_to_a_few():
    hubs, plain = (np.sort(false_matches(nature))[::-1] for nature in (HUBS, PLAIN))
    assert hubs[:20].sum() > 0.4 * hubs.sum()
    assert plain[:20].sum() < 0.25 * plain.sum()


def spread_of_noise(nature):
    drawn = draw_people(nature, NULL, np.full(300, 10), np.random.default_rng(4))
    alike = [(v @ v.T)[np.triu_indices(10, 1)].mean() for v in drawn.vectors[0].reshape(300, 10, -1)]
    return np.std(alike)


def test_subjects_differ_in_noise_but_for_the_population_of_equal_noise():
    assert spread_of_noise(PLAIN) > 2 * spread_of_noise(EQUAL)


def scores_of(vectors, subject):
    upper = np.triu_indices(len(subject), 1)
    same = (subject[:, None] == subject)[upper]
    scores = (vectors @ vectors.T)[upper]
    return scores[same], scores[~same]


def test_models_and_cohorts_are_alike_without_a_difference_and_share_most_of_their_errors():
    drawn = draw_people(PLAIN, NULL, np.full(300, 4), np.random.default_rng(5))
    (a, strangers_a), (b, strangers_b) = (scores_of(v, drawn.subject) for v in drawn.vectors)
    assert a.mean() == pytest.approx(b.mean(), abs=0.005)
    assert strangers_a.std() == pytest.approx(strangers_b.std(), rel=0.02)
    assert 0.6 < np.corrcoef(strangers_a, strangers_b)[0, 1] < 0.95
    x, y = (scores_of(drawn.vectors[0][drawn.cohort == c], drawn.subject[drawn.cohort == c])[0] for c in (0, 1))
    assert x.mean() == pytest.approx(y.mean(), abs=0.02)


def test_the_difference_makes_model_b_and_cohort_y_worse():
    drawn = draw_people(PLAIN, CONTRASTS["difference"], np.full(300, 4), np.random.default_rng(6))
    (a, strangers_a), (b, strangers_b) = (scores_of(v, drawn.subject) for v in drawn.vectors)
    assert b.mean() < a.mean()
    assert strangers_b.mean() > strangers_a.mean()
    (x, strangers_x), (y, strangers_y) = (
        scores_of(drawn.vectors[0][drawn.cohort == c], drawn.subject[drawn.cohort == c]) for c in (0, 1)
    )
    assert y.mean() < x.mean()
    assert strangers_y.mean() > strangers_x.mean()
