"""Many cohorts: how people are put into them, and how claims are counted."""

import numpy as np
import pytest

from facegap import Comparator
from studies import many


def claim(metric, p, p_holm, scale="difference"):
    return {"metric": metric, "at": "", "scale": scale, "p": p, "p_holm": p_holm}


def test_claims_are_counted_by_metric_and_in_all():
    splits = [
        [claim("auc", 0.01, 0.03), claim("auc", 0.2, 0.4), claim("eer", 0.04, 0.08), claim("eer", None, None)],
        [claim("auc", 0.04, 0.06), claim("auc", 0.5, 0.6), claim("eer", 0.001, 0.01), claim("eer", 0.002, 0.01)],
        [claim("auc", 0.5, 0.9), claim("auc", 0.5, 0.9), claim("eer", 0.5, 0.9), claim("eer", None, None)],
        [claim("auc", 0.5, 0.9), claim("auc", 0.5, 0.9), claim("eer", 0.5, 0.9), claim("eer", None, None)],
    ]
    found = {(row["kind"], row["metric"]): row["rejects"] for row in many.rows("people", splits)}
    assert found == {
        ("holm", "auc"): 0.25, ("raw", "auc"): 0.25, ("holm", "eer"): 0.25, ("raw", "eer"): 3 / 8,
        ("holm", "any of these"): 0.5, ("raw", "any of these"): 5 / 16,
    }  # fmt: skip
    assert {row["draws"] for row in many.rows("people", splits)} == {4}


def test_a_split_puts_each_subject_into_one_of_the_cohorts_which_are_equally_large(monkeypatch):
    subject = np.repeat(np.arange(20), 3).astype(np.int32)
    asked = []
    monkeypatch.setattr(many.ours, "cohort_claims", lambda *given: asked.append(given) or [])
    people = many.Splittable("people", lambda rng: (subject, np.zeros((60, 2))), Comparator.COSINE, 0.3)
    for seed in (1, 2):
        many.split(people, 4, np.random.default_rng(seed))
    first, second = (np.array([np.unique(one[2][subject == s]) for s in range(20)]) for one in asked)
    assert first.shape == (20, 1)
    assert np.bincount(first.ravel()).tolist() == [5, 5, 5, 5]
    assert (first != second).any()
    assert asked[0][3:] == (Comparator.COSINE, 0.3)


def test_simulated_people_are_drawn_anew_for_each_split():
    people = many.simulated("30 x 10", 0.3)
    one, other = (people.draw(np.random.default_rng(seed)) for seed in (1, 2))
    assert one[0].tolist() == other[0].tolist()
    assert one[1] != pytest.approx(other[1])
