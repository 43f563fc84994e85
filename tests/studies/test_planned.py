"""Plans that are carried out: the gap is the true one, and the study has the size that the pilot asked for."""

import numpy as np
import pytest
from studies.populations import POPULATIONS
from studies.truth import truth

from studies import planned


@pytest.mark.parametrize(("between", "subjects"), [("models", 21), ("cohorts", 11)])
def test_a_study_has_the_size_of_the_plan(small_truth, monkeypatch, between, subjects):
    known = truth(POPULATIONS["60 x 5"], "difference")
    gap = planned.gap(between, known)
    a, b = (("a", "all"), ("b", "all")) if between == "models" else (("a", "x"), ("a", "y"))
    assert gap.size == pytest.approx(abs(known.values[(*a, "auc", "")] - known.values[(*b, "auc", "")]))
    drawn = []
    score = planned.ours.scored
    monkeypatch.setattr(planned.ours, "scored", lambda draw, shipped: drawn.append(draw) or score(draw, shipped))
    planned.finds(POPULATIONS["60 x 5"], planned.Planned(between, subjects), known, np.random.default_rng(0))
    in_x, in_y = (len(np.unique(drawn[0].subject[drawn[0].cohort == code])) for code in (0, 1))
    assert (in_x, in_y) == ((10, 11) if between == "models" else (11, 11))


@pytest.mark.usefixtures("small_truth")
def test_a_smaller_gap_asks_for_more_subjects():
    population = POPULATIONS["60 x 5"]
    known = truth(population, "difference")
    of_models, of_cohorts = (
        planned.pilot_plan(population, between, known, np.random.default_rng(0)) for between in ("models", "cohorts")
    )
    half = {key: 0.97 + (value - 0.97) / 2 if key[2] == "auc" else value for key, value in known.values.items()}
    fewer = planned.pilot_plan(population, "models", type(known)(known.shipped, half), np.random.default_rng(0))
    assert fewer.subjects > 2 * of_models.subjects
    assert of_cohorts.between == "cohorts"
    assert of_cohorts.subjects > 10
