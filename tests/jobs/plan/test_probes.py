import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.errors import InputError
from facegap.jobs.plan import Gap
from facegap.jobs.plan.probes import FmrProbe, MetricProbe, PairedProbe, worsening
from facegap.jobs.plan.sample import by_subject
from facegap.metrics import chosen
from facegap.run.executor import Serial
from facegap.stats import Combination
from jobs.plan.crowd import draw


@pytest.fixture(scope="module")
def rates():
    subject, vectors = draw(40, 4, np.random.default_rng(2), models=2)
    return [by_subject(each, subject, Comparator.COSINE, [0.01, 0.1], Serial()) for each in vectors]


def test_a_metric_is_read_with_its_variance(rates):
    for gap, estimate in (
        (Gap("auc", 0.02), rates[1].auc()),
        (Gap("eer", 0.02), chosen.eer(rates[1])),
        (Gap("tar", 0.02, fmr=0.1), chosen.tar(rates[1], 0.1)),
        (Gap("fnmr", 0.02, fmr=0.1), chosen.tar(rates[1], 0.1).complement()),
    ):
        reading = MetricProbe(1, gap).look(rates, 4)
        assert reading is not None
        assert reading.value == estimate.value
        assert reading.variance == pytest.approx(Combination(((1.0, estimate),)).variance, rel=1e-6)


def test_what_a_sample_cannot_resolve_is_not_read(rates):
    assert FmrProbe(0, 1e-5).look(rates, 4) is None
    assert MetricProbe(0, Gap("tar", 0.1, fmr=1e-5)).look(rates, 4) is None
    assert PairedProbe((0, 1), Gap("tar", 0.1, fmr=1e-5)).look(rates, 4) is None


def test_an_fmr_is_read_as_a_share_of_itself(rates):
    reading = FmrProbe(0, 0.1).look(rates, 4)
    assert reading is not None
    similarity = rates[0].rates.counts.comparator.cut(rates[0].rates.loosest_within(0.1).threshold)
    whole = rates[0].fmr(float(similarity))
    found = Combination(((1.0, whole),))
    square = (found.variance + found.double_counted) * 39 / 40 / whole.value**2
    n = reading.subjects
    assert reading.subject / n + 2 * reading.pair / n**2 == pytest.approx(square)
    assert 0 < reading.pair / n**2 < square


def test_models_on_the_same_subjects_differ_by_less_than_their_noises(rates):
    gap = Gap("auc", 1e-6, "models")
    a, b, paired = (p.look(rates, 4) for p in (MetricProbe(0, gap), MetricProbe(1, gap), PairedProbe((0, 1), gap)))
    assert a is not None
    assert b is not None
    assert paired is not None
    assert 0 < paired.variance < 0.5 * (a.variance + b.variance)


def test_the_worse_side_varies_more_unless_the_gap_is_there_already():
    gap = Gap("auc", 0.05)
    assert worsening(gap, 0.95, 0.95) == pytest.approx(0.9 * 0.1 / (0.95 * 0.05))
    assert worsening(gap, 0.95, 0.85) == 1
    assert worsening(Gap("eer", 0.05), 0.1, 0.1) == pytest.approx(0.15 * 0.85 / 0.09)
    with pytest.raises(InputError, match="too large"):
        worsening(gap, 0.52, 0.5)


def test_a_gap_that_no_study_would_claim_is_not_planned_for():
    assert worsening(Gap("auc", 0.01), 0.999, 0.999) > 1
    with pytest.raises(InputError, match=r"AUCs above 0\.995 are not told apart; ask for a gap in FNMR"):
        worsening(Gap("auc", 0.002), 0.999, 0.999)
