import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.errors import InputError
from facegap.jobs.plan import assume
from facegap.jobs.plan.sample import by_subject
from facegap.run.executor import Serial


def test_assumed_people_have_the_auc_asked_for_and_attract_unequally():
    pilot = assume(0.95, rng=np.random.default_rng(1))
    people = pilot.people[0]
    first = np.arange(len(people.subject)) % 10 < 3
    rates = by_subject(people.vectors[0][first], people.subject[first], Comparator.COSINE, [], Serial())
    assert rates.rates.auc() == pytest.approx(0.95, abs=2e-4)
    assert "Nothing was measured" in pilot.assumption


@pytest.mark.parametrize("auc", [0.5, 1.0, 95.0, float("nan")])
def test_an_auc_that_cannot_be_assumed(auc):
    with pytest.raises(InputError, match="--auc"):
        assume(auc, rng=np.random.default_rng(1))
