"""The simulated people: who is drawn, and that they are what the study says they are."""

from dataclasses import replace

import numpy as np
import pytest
from studies.laws import gamma_pull, lambs, lognormal_pull, pareto_noise, t3_noise
from studies.populations import CONTRASTS, DIFFERENCE, EQUAL, HUBS, NULL, PLAIN, POPULATIONS, Nature, draw, draw_people


def people(nature, subjects, images, seed, contrast=NULL):
    """Draw subjects with so many images each; the second half of them is harder."""
    subject = np.repeat(np.arange(subjects, dtype=np.int32), images)
    return draw_people(nature, contrast, subject, subject >= subjects // 2, np.random.default_rng(seed))


@pytest.mark.parametrize("name", POPULATIONS)
def test_every_draw_has_the_subjects_and_images_that_its_design_says(name):
    population = POPULATIONS[name]
    drawn, other = (draw(population, NULL, np.random.default_rng(seed)) for seed in (0, 1))
    assert np.shape(drawn.vectors)[:2] == (2, len(drawn.subject))
    assert len(np.unique(drawn.subject)) == sum(population.sizes)
    assert (np.diff(drawn.subject) >= 0).all()
    in_x, in_y = (np.unique(drawn.subject[drawn.cohort == code]) for code in (0, 1))
    if population.shared:
        assert in_x.tolist() == in_y.tolist()
    else:
        assert (len(in_x), len(in_y)) == population.sizes
    counts = [np.sort(np.bincount(one.subject)).tolist() for one in (drawn, other)]
    assert counts[0] == counts[1]
    assert set(counts[0]) == set(population.images)


def test_the_design_of_very_unequal_counts_deals_1_to_30_images():
    counts = np.bincount(draw(POPULATIONS["1 to 30 images"], NULL, np.random.default_rng(0)).subject)
    assert np.sort(counts).tolist() == np.repeat(np.arange(1, 31), 2).tolist()


def test_a_draw_follows_its_seed_alone_and_its_vectors_have_length_one():
    population = POPULATIONS["unequal counts"]
    one, again, other = (draw(population, DIFFERENCE, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one.vectors, again.vectors)
    assert np.array_equal(one.subject, again.subject)
    assert not np.array_equal(one.vectors, other.vectors)
    assert np.linalg.norm(one.vectors, axis=-1) == pytest.approx(1, abs=1e-5)


def false_matches(nature, seed=3, subjects=200):
    """Return (S,) false matches of each subject at FMR 1 % in one large draw of model a."""
    drawn = people(nature, subjects, 4, seed)
    scores = drawn.vectors[0] @ drawn.vectors[0].T
    impostor = drawn.subject[:, None] != drawn.subject
    accepted = impostor & (scores >= np.quantile(scores[impostor], 0.99))
    return np.bincount(drawn.subject, accepted.sum(axis=1))


@pytest.mark.parametrize("pull", [gamma_pull, lognormal_pull, lambs])
def test_hubs_draw_most_false_matches_to_a_few(pull):
    hubs, plain = (np.sort(false_matches(nature))[::-1] for nature in (replace(HUBS, pull=pull), PLAIN))
    assert hubs[:20].sum() > 0.4 * hubs.sum()
    assert plain[:20].sum() < 0.25 * plain.sum()


def alike_within(nature, images=10):
    """Return (300,) mean genuine scores of subjects, model a."""
    drawn = people(nature, 300, images, 4)
    return np.array([(v @ v.T)[np.triu_indices(images, 1)].mean() for v in drawn.vectors[0].reshape(300, images, -1)])


def test_subjects_differ_in_noise_but_for_the_population_of_equal_noise():
    assert np.std(alike_within(PLAIN)) > 2 * np.std(alike_within(EQUAL))


def test_with_pareto_noise_a_few_subjects_are_far_worse_than_most():
    found = alike_within(Nature(noise=1.0, spread=0.0, subject_noise=pareto_noise))
    assert np.median(found) - np.quantile(found, 0.02) > 2 * (np.quantile(found, 0.98) - np.median(found))


def test_noise_of_images_makes_some_images_bad():
    def spread(nature):
        vectors = people(nature, 200, 4, 6).vectors[0].reshape(200, 4, -1)
        return np.mean([np.std(v @ v.sum(axis=0)) for v in vectors])

    plain = spread(EQUAL)
    assert spread(replace(EQUAL, image_noise=t3_noise)) > 1.5 * plain
    assert spread(replace(EQUAL, bad=0.2)) > 1.5 * plain


def impostor_means(nature, inside):
    """Return the mean score of pairs of subjects for which `inside(s, r)` holds, and of the others."""
    drawn = people(nature, 240, 3, 8)
    scores, s = drawn.vectors[0] @ drawn.vectors[0].T, drawn.subject
    impostor, of_kind = s[:, None] != s, inside(s[:, None], s)
    return scores[impostor & of_kind].mean(), scores[impostor & ~of_kind].mean()


def test_families_are_alike_among_themselves_alone():
    kin, strangers = impostor_means(replace(EQUAL, family=3), lambda s, r: s // 3 == r // 3)
    assert kin > strangers + 0.1
    assert strangers == pytest.approx(0, abs=0.01)


def test_two_clusters_make_impostor_scores_of_two_kinds():
    found = [np.sort(false_matches(nature))[::-1] for nature in (Nature(noise=1.1, minority=0.15), PLAIN)]
    shares = [one[:30].sum() / one.sum() for one in found]
    assert shares[0] > shares[1] + 0.1


def test_images_of_one_session_are_more_alike_than_those_of_two():
    drawn = people(Nature(noise=1.0, session=3), 200, 6, 9)
    scores = np.einsum("sid,sjd->sij", *[drawn.vectors[0].reshape(200, 6, -1)] * 2).mean(axis=0)
    first, second = np.meshgrid(np.arange(6), np.arange(6))
    same = (first != second) & (first // 3 == second // 3)
    assert scores[same].min() > scores[first // 3 != second // 3].max() + 0.1


def scores_of(vectors, subject):
    upper = np.triu_indices(len(subject), 1)
    same = (subject[:, None] == subject)[upper]
    scores = (vectors @ vectors.T)[upper]
    return scores[same], scores[~same]


def test_models_and_cohorts_are_alike_without_a_difference_and_share_most_of_their_errors():
    drawn = people(PLAIN, 300, 4, 5)
    (a, strangers_a), (b, strangers_b) = (scores_of(v, drawn.subject) for v in drawn.vectors)
    assert a.mean() == pytest.approx(b.mean(), abs=0.005)
    assert strangers_a.std() == pytest.approx(strangers_b.std(), rel=0.02)
    assert 0.6 < np.corrcoef(strangers_a, strangers_b)[0, 1] < 0.95
    x, y = (scores_of(drawn.vectors[0][drawn.cohort == c], drawn.subject[drawn.cohort == c])[0] for c in (0, 1))
    assert x.mean() == pytest.approx(y.mean(), abs=0.02)


@pytest.mark.parametrize("name", ["60 x 5", "shared subjects, 60 x 6", "sessions of 3, 60 x 6"])
def test_the_difference_makes_model_b_and_cohort_y_worse(name):
    large = POPULATIONS[name].resized((150, 150))
    drawn = draw(large, CONTRASTS["difference"], np.random.default_rng(6))
    (a, strangers_a), (b, strangers_b) = (scores_of(v, drawn.subject) for v in drawn.vectors)
    assert b.mean() < a.mean()
    assert strangers_b.mean() > strangers_a.mean()
    (x, strangers_x), (y, strangers_y) = (
        scores_of(drawn.vectors[0][drawn.cohort == c], drawn.subject[drawn.cohort == c]) for c in (0, 1)
    )
    assert y.mean() < x.mean()
    assert strangers_y.mean() > strangers_x.mean()
