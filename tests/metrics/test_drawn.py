"""Rates and intervals of comparisons that were drawn: right on average, and as wide as they have to be."""

from dataclasses import replace

import numpy as np
import pytest

from facegap.data.source import Pairs
from facegap.metrics.rates import Rates
from facegap.metrics.registry import point_metric
from facegap.stats import limits
from metrics.people import COHORTS, THRESHOLD, People, populations

TIMES = 150


def numbers(rates: Rates) -> np.ndarray:
    point = rates.at(THRESHOLD)
    return np.array([point.fmr, point.fnmr, rates.auc()])


def weight_of(people: People, pairs: Pairs) -> np.ndarray:
    assert pairs.drawn is not None
    cohort = people.source.manifest.cohort_codes
    p, q = np.sort(np.stack([cohort[pairs.a], cohort[pairs.b]]), axis=0)
    return pairs.drawn.weights[q * (q + 1) // 2 + p, (~pairs.same).astype(int)]


def test_weighted_numbers_are_right_on_average_over_draws() -> None:
    people = People.drawn((40, 12), np.random.default_rng(1))
    full = {name: numbers(one.rates) for name, one in populations(people.comparisons(people.all_pairs())).items()}
    rng = np.random.default_rng(2)
    draws: dict[str, list[np.ndarray]] = {name: [] for name in full}
    for _ in range(TIMES):
        tally = people.comparisons(people.some_pairs(1000, rng)).count([THRESHOLD])
        for name in full:
            draws[name].append(numbers(Rates(tally.pooled() if name == "all" else tally.between(name, name))))
    for name, truth in full.items():
        mean, error = np.mean(draws[name], axis=0), np.std(draws[name], axis=0) / np.sqrt(TIMES)
        assert (np.abs(mean - truth) <= 4 * error + 1e-12).all(), (name, mean, truth, error)


def test_weights_are_those_of_a_plain_sum() -> None:
    people = People.drawn((30, 10), np.random.default_rng(3))
    pairs = people.some_pairs(600, np.random.default_rng(4))
    weight, similarity = weight_of(people, pairs), people.similarity[pairs.a, pairs.b]
    genuine, impostor = pairs.same, ~pairs.same
    accepted = similarity >= THRESHOLD
    pooled = populations(people.comparisons(pairs))["all"]
    point = pooled.rates.at(THRESHOLD)
    fmr = weight[impostor & accepted].sum() / weight[impostor].sum()
    fnmr = weight[genuine & ~accepted].sum() / weight[genuine].sum()
    precision = weight[genuine & accepted].sum() / weight[accepted].sum()
    np.testing.assert_allclose([point.fmr, point.fnmr, point.precision], [fmr, fnmr, precision], rtol=1e-9)
    beats = similarity[genuine][:, None] > similarity[impostor][None]
    area = weight[genuine] @ beats @ weight[impostor] / weight[genuine].sum() / weight[impostor].sum()
    np.testing.assert_allclose(pooled.rates.auc(), area, rtol=1e-9)
    made = pooled.rates.made.at(THRESHOLD)
    assert (made.impostor, made.false_matches) == (impostor.sum(), (impostor & accepted).sum())
    assert pooled.at(point_metric("fmr"), THRESHOLD).errors == made.false_matches


def test_a_number_without_a_subject_is_that_of_the_other_comparisons() -> None:
    people = People.drawn((14, 8), np.random.default_rng(5))
    pairs = people.some_pairs(400, np.random.default_rng(6))
    pooled = populations(people.comparisons(pairs))["all"]
    weight, similarity = weight_of(people, pairs), people.similarity[pairs.a, pairs.b]
    subject = people.source.manifest.subject_codes
    found = {name: pooled.at(point_metric(name), THRESHOLD) for name in ("fmr", "fnmr", "accuracy")}
    share = weight[pairs.same].sum() / weight.sum()
    for k, code in enumerate(pooled.counts.subject.tolist()):
        left = (subject[pairs.a] != code) & (subject[pairs.b] != code)
        accepted, same = left & (similarity >= THRESHOLD), pairs.same
        tp, fp = weight[accepted & same].sum(), weight[accepted & ~same].sum()
        g, i = weight[left & same].sum(), weight[left & ~same].sum()
        np.testing.assert_allclose(
            [found[name].left_out[k] for name in found],
            [fp / i, 1 - tp / g, share * tp / g + (1 - share) * (1 - fp / i)],  # the share does not hang on who is in
            rtol=1e-9,
        )


def test_a_sample_of_all_comparisons_has_the_numbers_and_intervals_of_all() -> None:
    people = People.drawn((20, 8), np.random.default_rng(7))
    everything = people.all_pairs()
    drawn = people.some_pairs(len(everything.a) - 1, np.random.default_rng(8)).drawn
    assert drawn is not None
    sample = replace(everything, drawn=replace(drawn, taken=drawn.every))
    plain, weighted = (populations(people.comparisons(one)) for one in (everything, sample))
    for name, one in plain.items():
        np.testing.assert_allclose(numbers(weighted[name].rates), numbers(one.rates), rtol=1e-12)
        for metric in ("fmr", "fnmr", "f1"):
            estimates = [rates.at(point_metric(metric), THRESHOLD) for rates in (weighted[name], one)]
            np.testing.assert_allclose(*(limits(each)(0.95) for each in estimates), rtol=1e-9)
        np.testing.assert_allclose(*(limits(rates.auc())(0.95) for rates in (weighted[name], one)), rtol=1e-9)


@pytest.mark.slow
def test_intervals_of_a_sample_hold_the_truth_of_the_people_as_often_as_they_say() -> None:
    """The truth is that of endless people; bounds as those of the study of all comparisons: 95 % within 3 %."""
    reference = np.random.default_rng(9)
    truths = []
    for _ in range(40):
        people = People.drawn((150, 150), reference)
        rates = people.comparisons(people.all_pairs()).count([THRESHOLD])
        truths.append([numbers(Rates(rates.between(name, name)))[:2] for name in COHORTS])
    truth = np.mean(truths, axis=0)
    times, held = 400, np.zeros((2, 2))
    for seed in range(times):
        rng = np.random.default_rng(1000 + seed)
        people = People.drawn((60, 40), rng)
        found = populations(people.comparisons(people.some_pairs(2000, rng)))
        for c, name in enumerate(COHORTS):
            for m, metric in enumerate(("fmr", "fnmr")):
                low, high = limits(found[name].at(point_metric(metric), THRESHOLD))(0.95)
                held[c, m] += low <= truth[c, m] <= high
    assert (held / times > 0.92).all(), held / times
    assert (held / times < 0.995).all(), held / times
