"""The harness reads what every user gets."""

from math import sqrt

import numpy as np
import pytest
from studies.populations import CONTRASTS, NULL, POPULATIONS, Draw, draw
from studies.reading import Reading

from facegap import Comparator, measure
from studies import ours


@pytest.mark.parametrize(
    ("name", "contrast"),
    [
        ("30 x 10", "null"),
        ("unequal counts", "difference"),
        ("hubs, 50 x 6", "null"),
        ("rare errors", "difference"),
        ("shared subjects, 60 x 6", "null"),
    ],
)
def test_the_short_way_gives_what_measure_gives(name, contrast):
    drawn = draw(POPULATIONS[name], CONTRASTS[contrast], np.random.default_rng(11))
    made, manifest = ours.scored(drawn, 0.35)
    short, whole = ours.readings(made), ours.whole_readings(made, manifest)
    assert short.keys() == whole.keys()
    for key in short:
        assert repr(short[key]) == repr(whole[key]), key


def test_each_model_has_its_own_comparator_and_threshold():
    drawn = draw(POPULATIONS["30 x 10"], NULL, np.random.default_rng(3))
    both = Draw(drawn.subject, drawn.cohort, [drawn.vectors[0]] * 2, (Comparator.EUCLIDEAN, Comparator.COSINE))
    # Of vectors of length 1 a distance d is a cosine of 1 - d^2 / 2: the same comparisons are accepted.
    made, _ = ours.scored(both, (sqrt(2 - 2 * 0.35), 0.35))
    found = {q: one for (_, q), one in ours.readings(made).items() if q.kind == "models"}
    assert {q.metric for q in found} >= {"auc", "fmr", "fnmr"}
    assert all(one.value == pytest.approx(0, abs=1e-5) for one in found.values())


def test_histograms_give_the_same_values_and_other_intervals():
    drawn = draw(POPULATIONS["30 x 10"], NULL, np.random.default_rng(3))
    kept, binned = (ours.readings(ours.scored(drawn, 0.3, histograms=how)[0]) for how in (False, True))
    assert all(kept[key].value == pytest.approx(binned[key].value, rel=1e-3) for key in kept if key[1].kind == "single")
    assert any(kept[key].low != binned[key].low for key in kept)


@pytest.mark.parametrize("cohorts", [2, 4])
def test_claims_about_cohorts_are_those_of_measure(cohorts):
    drawn = draw(POPULATIONS["60 x 5"], NULL, np.random.default_rng(5))
    cohort = (np.random.default_rng(6).permutation(60) % cohorts).astype(np.int32)[drawn.subject]
    found = ours.cohort_claims(drawn.vectors[0], drawn.subject, cohort, Comparator.COSINE, 0.3)
    names = tuple(f"c{code}" for code in range(cohorts))
    manifest = ours._manifest(drawn.subject, [names[code] for code in cohort], names)
    whole = measure([ours._score("a", drawn.vectors[0], Comparator.COSINE, 0.3, manifest)], manifest)
    wanted = {
        tuple(row[name] for name in ("metric", "at", "scale", "cohort_a", "cohort_b")): row
        for row in whole.differences.filter(kind="cohorts").iter_rows(named=True)
        if "all@" not in row["at"]
    }
    assert len(found) == len(wanted)
    for row in found:
        other = wanted[row["metric"], row["at"], row["scale"], row["cohort_a"], row["cohort_b"]]
        for name in ("value", "low", "high", "p"):  # Holm counts the claims at the threshold for all, too
            # The cuts depend on the scores of all cohorts; the slope at the EER and the bias of F1 do a little, too.
            near = 0.02 if row["metric"] in ("eer", "f1") else 1e-6
            assert row[name] == pytest.approx(other[name], rel=near), (row["metric"], name)


def test_unpaired_squares_and_adds_each_side():
    found = ours.unpaired(Reading(0.9, 0.87, 0.92), Reading(0.8, 0.76, 0.85))
    assert found.value == pytest.approx(0.1)
    assert found.low == pytest.approx(0.1 - sqrt(0.03**2 + 0.05**2))
    assert found.high == pytest.approx(0.1 + sqrt(0.02**2 + 0.04**2))
