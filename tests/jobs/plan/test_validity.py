"""Plans held against the studies that they foretell: simulated pilots, then simulated studies of the planned size."""

from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.jobs.plan import Gap, Pilot, Request, Resolve, plan
from facegap.jobs.plan.cases import FmrProbe, MetricProbe
from facegap.jobs.plan.law import Law, fit
from facegap.jobs.plan.planning import readings
from facegap.jobs.plan.sample import by_subject, compared, rates_of
from facegap.stats import compare
from jobs.plan.crowd import draw, pilot

pytestmark = pytest.mark.slow

AUC, EER, TAR, FMR = Gap("auc", 0.02), Gap("eer", 0.02), Gap("tar", 0.05, fmr=1e-2), Resolve(1e-2)
PILOTS, STUDIES = 40, 250


@pytest.fixture(scope="module")
def pilots() -> list[Pilot]:
    return [pilot(draw(100, 5, np.random.default_rng([1, k]))) for k in range(PILOTS)]


@pytest.fixture(scope="module")
def laws(pilots) -> dict[str, list[Law]]:
    probes = {
        "auc": MetricProbe(0, AUC), "eer": MetricProbe(0, EER), "tar": MetricProbe(0, TAR), "fmr": FmrProbe(0, 1e-2),
    }  # fmt: skip
    shown = [readings(one, (AUC, EER, TAR, FMR), np.random.default_rng(0)) for one in pilots]
    return {name: [law for each in shown if (law := fit(each["a", probe]))] for name, probe in probes.items()}


def rates(subjects: int, images: int, rng: np.random.Generator):
    subject, (vectors,) = draw(subjects, images, rng)
    return rates_of(compared(vectors, subject, Comparator.COSINE, None))


@pytest.mark.parametrize(("subjects", "images"), [(100, 5), (200, 5), (100, 10), (200, 10)])
def test_the_standard_error_of_other_studies_is_foretold(laws, subjects, images):
    threshold = rates(1000, 4, np.random.default_rng(2)).loosest_within(1e-2).threshold
    found = {name: [] for name in laws}
    for k in range(STUDIES):
        one = rates(subjects, images, np.random.default_rng([3, k]))
        found["auc"].append(one.auc())
        found["eer"].append(one.eer()[0])
        found["tar"].append(one.loosest_within(1e-2).recall)
        found["fmr"].append(one.at(threshold).fmr)
    for name, values in found.items():
        real = np.std(values, ddof=1) / (np.mean(values) if name == "fmr" else 1)
        foretold = np.sqrt(fmean(law.variance(subjects, images) for law in laws[name]))
        assert foretold == pytest.approx(real, rel=0.15), name


def test_a_study_of_the_planned_size_finds_the_gap_as_often_as_asked(pilots):
    easy, hard = 1.2, _noise_of(_true_auc(1.2) - AUC.size)
    needs = [plan(one, Request((AUC,)), rng=np.random.default_rng(0)).answers[0].planned for one in pilots]
    subjects = round(fmean(need.subjects for need in needs))
    assert np.mean([need.low <= subjects <= need.high for need in needs]) > 0.6
    found = []
    for k in range(200):
        rng = np.random.default_rng([5, k])
        a, b = (_auc(*draw(subjects, 5, rng, noise=noise)) for noise in (easy, hard))
        found.append(compare(a, replace(b, subject=b.subject + subjects), 0.95).p < 0.05)
    assert 0.7 < np.mean(found) < 0.9


def test_an_fmr_of_the_planned_size_is_known_to_within_half_of_itself(pilots):
    needs = [plan(one, Request((FMR,)), rng=np.random.default_rng(0)).answers[0].planned for one in pilots]
    subjects = round(fmean(need.subjects for need in needs))
    threshold = rates(1000, 4, np.random.default_rng(2)).loosest_within(1e-2).threshold
    true = fmean(rates(500, 5, np.random.default_rng([6, k])).at(threshold).fmr for k in range(10))
    found = [rates(subjects, 5, np.random.default_rng([7, k])).at(threshold).fmr for k in range(STUDIES)]
    assert 0.9 < np.mean(np.abs(np.array(found) / true - 1) < 0.5) < 0.995


def _auc(subject, vectors):
    return by_subject(vectors[0], subject, Comparator.COSINE, [], None).auc()


def _true_auc(noise: float) -> float:
    drawn = (draw(1500, 3, np.random.default_rng([4, k]), noise=noise) for k in range(4))
    return fmean(rates_of(compared(vectors[0], subject, Comparator.COSINE, None)).auc() for subject, vectors in drawn)


def _noise_of(auc: float) -> float:
    low, high = 1.0, 2.0
    for _ in range(10):
        middle = (low + high) / 2
        low, high = (middle, high) if _true_auc(middle) > auc else (low, middle)
    return (low + high) / 2
