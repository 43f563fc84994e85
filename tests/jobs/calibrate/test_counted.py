"""Counted scores are the scores: exact at genuine ones, to within a cut elsewhere, and near enough from a report."""

from dataclasses import replace

import numpy as np
import pytest

import facegap
from facegap.data.comparator import OF_EMBEDDINGS
from facegap.jobs.calibrate import CountedScores, cllr, fit, least_cllr
from metrics.bounded import scored, study

BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)


def raw(embeddings, manifest, spec) -> tuple[np.ndarray, np.ndarray]:
    """Return the similarity of every two images that have an embedding, and whether they are of one subject."""
    ok = np.flatnonzero(embeddings.ok)
    i, j = (ok[side] for side in np.triu_indices(len(ok), 1))
    similarity = spec.comparator.similarity(embeddings.vectors[i], embeddings.vectors[j])
    return similarity.astype(np.float64), manifest.subject_codes[i] == manifest.subject_codes[j]


@BOTH
def test_those_of_a_tally_are_the_scores(comparator):
    embeddings, manifest, spec = study(comparator=comparator, cohorts=("one",))
    similarity, same = raw(embeddings, manifest, spec)
    scores = CountedScores.of_counts(facegap.compare(embeddings, manifest, spec, workers=1).pooled())
    assert (scores.n_genuine, scores.n_impostor) == (same.sum(), (~same).sum())
    assert np.repeat(scores.similarity, scores.genuine) == pytest.approx(np.sort(similarity[same]), abs=1e-5)
    assert np.repeat(scores.similarity, scores.impostor) == pytest.approx(np.sort(similarity[~same]), abs=1e-4)
    assert (np.diff(scores.similarity) > 0).all()
    assert (scores.genuine + scores.impostor > 0).all()


@BOTH
@pytest.mark.parametrize("failures", ["excluded", "rejected"])
def test_those_of_a_report_count_the_same_at_its_thresholds(comparator, failures):
    embeddings, manifest, spec = study(comparator=comparator, failed=range(0, 300, 17))
    one = scored(embeddings, manifest, spec, failures=failures)
    evaluation = facegap.measure([one], manifest, failures=failures)
    for cohort in ("plain", "hard", "all"):
        counts = one.tally.pooled() if cohort == "all" else one.tally.between(cohort, cohort)
        exact = CountedScores.of_counts(counts)
        found = CountedScores.of_report(evaluation, model="m", cohort=cohort)
        assert (found.n_genuine, found.n_impostor) == (exact.n_genuine, exact.n_impostor)
        assert (np.diff(found.similarity) > 0).all()
        curve = evaluation.error_curve(model="m", cohort=cohort)
        for threshold in curve["threshold"].gather_every(7):
            cut = comparator.sign * threshold
            for kind in ("genuine", "impostor"):
                above = [getattr(one, kind)[one.similarity >= cut].sum() for one in (exact, found)]
                assert above[0] == above[1]
        ratios = [fit(one, "logistic") for one in (exact, found)]
        x = exact.similarity
        assert ratios[0](x) == pytest.approx(ratios[1](x), abs=0.03)
        assert least_cllr(found) == pytest.approx(least_cllr(exact), abs=0.02)
        assert cllr(found, ratios[0](found.similarity)) == pytest.approx(cllr(exact, ratios[0](x)), abs=0.005)


def test_a_cohort_without_a_curve_has_no_scores():
    embeddings, manifest, spec = study(images=1)
    evaluation = facegap.measure([scored(embeddings, manifest, replace(spec, threshold=None))], manifest)
    assert CountedScores.of_report(evaluation, model="m", cohort="hard").n_impostor == 0
