"""Rates in which every subject, and every pair of subjects, counts the same: as one plain sum has them."""

from dataclasses import replace

import numpy as np
import pytest

from facegap.data.source import Pairs
from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import Rates
from facegap.metrics.registry import point_metric
from facegap.scoring import by_subject
from facegap.stats import limits
from metrics.people import COHORTS, THRESHOLD, People, populations

RATES = ("fmr", "fnmr")


class Naive:
    """Weighted rates of listed comparisons by one loop over them; `left` (N,) bool: the images that are left."""

    def __init__(self, people: People, pairs: Pairs, left: np.ndarray, cohort: str) -> None:
        manifest = people.source.manifest
        groups, subject = manifest.cohort_codes, manifest.subject_codes
        code = manifest.cohorts.index(cohort) if cohort != "all" else None
        found: dict[bool, dict[tuple[int, int], list[float]]] = {True: {}, False: {}}
        for a, b, same in zip(pairs.a.tolist(), pairs.b.tolist(), pairs.same.tolist(), strict=True):
            inside = code is None or (groups[a] == code and groups[b] == code)
            score = float(people.similarity[a, b])
            if inside and left[a] and left[b] and not np.isnan(score):
                who = (int(min(subject[a], subject[b])), int(max(subject[a], subject[b])))
                found[same].setdefault(who, []).append(score)
        self.scores = {same: list(of_kind.values()) for same, of_kind in found.items()}

    def rates(self) -> list[float]:
        """Return FMR and FNMR: the mean over pairs of subjects, and over subjects, of their own rates."""
        accepted = {s: np.mean([np.mean(np.array(own) >= THRESHOLD) for own in self.scores[s]]) for s in (True, False)}
        return [float(accepted[False]), 1 - float(accepted[True])]

    def auc(self) -> float:
        (genuine, g), (impostor, i) = (
            (np.concatenate(self.scores[s]), np.concatenate([np.full(len(x), 1 / len(x)) for x in self.scores[s]]))
            for s in (True, False)
        )
        beats = (genuine[:, None] > impostor) + 0.5 * (genuine[:, None] == impostor)
        return float(g @ beats @ i / g.sum() / i.sum())


def weighed(people: People, pairs: Pairs, *, failed: bool = False) -> dict[str, SubjectRates]:
    rows = np.ones(len(people.similarity), bool)
    return populations(by_subject(people.comparisons(pairs), rows, failed=failed))


@pytest.fixture(params=["all pairs", "a list", "failures"])
def made(request: pytest.FixtureRequest) -> tuple[People, Pairs]:
    rng = np.random.default_rng(11)
    people = People.drawn((14, 9), rng)
    pairs = people.all_pairs()
    if request.param == "a list":
        kept = rng.random(len(pairs.a)) < 0.4
        pairs = Pairs(pairs.b[kept], pairs.a[kept], pairs.same[kept], pairs.fold[kept])
    if request.param == "failures":
        people.similarity[rng.random(people.similarity.shape) < 0.1] = np.nan
    return people, pairs


def test_rates_are_means_over_subjects_and_pairs_of_subjects(made: tuple[People, Pairs]) -> None:
    everyone = np.ones(len(made[0].similarity), bool)
    for name, found in weighed(*made).items():
        naive = Naive(*made, everyone, name)
        estimates = [found.at(point_metric(metric), THRESHOLD) for metric in RATES]
        np.testing.assert_allclose([one.value for one in estimates], naive.rates(), rtol=1e-9)
        point = found.rates.at(THRESHOLD)
        np.testing.assert_allclose([point.fmr, point.fnmr], naive.rates(), rtol=1e-9)
        np.testing.assert_allclose([found.rates.auc(), found.auc().value], naive.auc(), rtol=1e-9)


def test_a_number_without_a_subject_is_that_of_the_others(made: tuple[People, Pairs]) -> None:
    people, pairs = made
    subject = people.source.manifest.subject_codes
    for name, found in weighed(people, pairs).items():
        area = found.auc()
        without = {code: Naive(people, pairs, subject != code, name) for code in area.subject.tolist()}
        for k, metric in enumerate(RATES):
            estimate = found.at(point_metric(metric), THRESHOLD)
            expected = [without[code].rates()[k] for code in estimate.subject.tolist()]
            np.testing.assert_allclose(estimate.left_out, expected, rtol=1e-9)
        exact = np.array([naive.auc() for naive in without.values()]) - area.value
        assert np.abs(area.left_out - area.value - exact).max() < 0.1 * np.abs(exact).max()


def test_weights_do_not_change_what_was_counted(made: tuple[People, Pairs]) -> None:
    people, pairs = made
    plain, found = populations(people.comparisons(pairs)), weighed(people, pairs)
    for name, one in found.items():
        assert one.rates.made.at(THRESHOLD) == plain[name].rates.at(THRESHOLD)
        for mine, theirs in zip(one.made.totals, plain[name].totals, strict=True):
            np.testing.assert_array_equal(mine, theirs)
        errors = [one.at(point_metric(metric), THRESHOLD).errors for metric in RATES]
        assert errors == [plain[name].at(point_metric(metric), THRESHOLD).errors for metric in RATES]


def test_subjects_with_equally_many_images_need_no_weights() -> None:
    people = People.drawn((16, 8), np.random.default_rng(12), images=(3, 4))
    pairs = people.all_pairs()
    plain, found = populations(people.comparisons(pairs)), weighed(people, pairs)
    for name, one in plain.items():
        for metric in RATES:
            estimates = [rates.at(point_metric(metric), THRESHOLD) for rates in (found[name], one)]
            np.testing.assert_allclose(*(limits(each)(0.95) for each in estimates), rtol=1e-9)
        np.testing.assert_allclose(*(limits(rates.auc())(0.95) for rates in (found[name], one)), rtol=1e-9)


def test_a_failed_comparison_is_a_rejected_one_of_its_subject() -> None:
    rng = np.random.default_rng(13)
    people = People.drawn((12, 8), rng)
    pairs = people.all_pairs()
    failed = rng.random(len(pairs.a)) < 0.15
    scored = replace(people, similarity=people.similarity.copy())
    people.similarity[pairs.a[failed], pairs.b[failed]] = np.nan
    scored.similarity[pairs.a[failed], pairs.b[failed]] = -100  # below every threshold
    everyone = np.ones(len(people.similarity), bool)
    for name, found in weighed(people, pairs, failed=True).items():
        rates = Rates(found.rates.counts.with_failures_rejected())
        rejected = SubjectRates(found.counts, rates, rejected=True)
        estimates = [rejected.at(point_metric(metric), THRESHOLD) for metric in RATES]
        np.testing.assert_allclose(
            [one.value for one in estimates], Naive(scored, pairs, everyone, name).rates(), rtol=1e-9
        )


def test_a_sample_has_the_weighted_rates_of_all_comparisons_on_average() -> None:
    people = People.drawn((30, 10), np.random.default_rng(14))
    everyone = np.ones(len(people.similarity), bool)
    truth = {name: Naive(people, people.all_pairs(), everyone, name).rates() for name in (*COHORTS, "all")}
    rng, times = np.random.default_rng(15), 120
    found: dict[str, list[list[float]]] = {name: [] for name in truth}
    for _ in range(times):
        pairs = people.some_pairs(900, rng)
        tally = by_subject(people.comparisons(pairs), everyone, failed=False).count([THRESHOLD])
        for name in truth:
            point = Rates(tally.pooled() if name == "all" else tally.between(name, name)).at(THRESHOLD)
            found[name].append([point.fmr, point.fnmr])
    for name, expected in truth.items():
        mean, error = np.mean(found[name], axis=0), np.std(found[name], axis=0) / np.sqrt(times)
        assert (np.abs(mean - expected) <= 4 * error + 1e-12).all(), (name, mean, expected, error)


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """The truth is that of endless people, who have very unequal numbers of images; bounds: 95 % within 3 %."""
    reference = np.random.default_rng(16)
    truths = []
    for _ in range(30):
        people = People.drawn((150, 150), reference)
        subject = people.source.manifest.subject_codes
        rates = by_subject(people.comparisons(people.all_pairs()), np.ones(len(subject), bool), failed=False)
        tally = rates.count([THRESHOLD])
        points = [Rates(tally.between(name, name)).at(THRESHOLD) for name in COHORTS]
        truths.append([[point.fmr, point.fnmr] for point in points])
    truth = np.mean(truths, axis=0)
    times, held = 400, np.zeros((2, 2))
    for seed in range(times):
        people = People.drawn((60, 40), np.random.default_rng(2000 + seed))
        found = weighed(people, people.all_pairs())
        for c, name in enumerate(COHORTS):
            for m, metric in enumerate(RATES):
                low, high = limits(found[name].at(point_metric(metric), THRESHOLD))(0.95)
                held[c, m] += low <= truth[c, m] <= high
    assert (held / times > 0.92).all(), held / times
    assert (held / times < 0.995).all(), held / times
