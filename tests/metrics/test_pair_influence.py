"""What pairs of subjects do to two models at once, held against a naive count over all pairs."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from facegap.comparator import Comparator
from facegap.metrics import chosen
from facegap.metrics.influence import SubjectRates
from facegap.metrics.knots import best_f1_candidates, wanted_knots
from facegap.metrics.pair_influence import NO_PAIRS, PairInfluence, PairTerm, counted_twice
from facegap.metrics.rates import Rates
from facegap.scoring import compare_all, compare_subjects
from facegap.subject_tally import Listed
from oracle import exact_vectors, scores

SHIPPED = {Comparator.COSINE: 0.5, Comparator.EUCLIDEAN: 1.25}
BOTH = pytest.mark.parametrize("comparator", list(Comparator))


class Seen:
    """One model's rates, and its impostor scores one by one: `between` names the pair of subjects of each."""

    def __init__(self, vectors, subject, comparator):
        n, names = len(vectors), ("c",)
        self.cut = float(comparator.cut(SHIPPED[comparator]))
        study = (vectors, subject.astype(np.int32), np.zeros(n, np.int32), np.ones(n, bool))
        tally = compare_all(*study, comparator=comparator, cohorts=names, thresholds=[SHIPPED[comparator]])
        knots = wanted_knots(tally, [SHIPPED[comparator]])
        counts = compare_subjects(
            *study, tally, knots=knots.closeness, tails=knots.tails, wide_tail=knots.wide_tail
        ).pooled()
        self.rates = SubjectRates(counts, Rates(tally.pooled()))
        values, same, rows = scores(vectors, subject, comparator)
        self.values = values[~same]
        self.between = [tuple(sorted(pair)) for pair in subject[rows[~same]].tolist()]

    def moves(self, terms: list[tuple[float, float]], centred: bool = True) -> dict[tuple[int, int], float]:
        """Return what each pair adds at some (weight, closeness): weight x (a - FMR m)."""
        found = dict.fromkeys(self.between, 0.0)
        for weight, closeness in terms:
            accepted = self.values >= np.float32(closeness)
            for pair, yes in zip(self.between, accepted, strict=True):
                found[pair] += weight * (float(yes) - (accepted.mean() if centred else 0.0))
        return found


@pytest.fixture(params=list(Comparator))
def two(request) -> tuple[Seen, Seen]:
    """Two models that mostly agree, on subjects with unequal numbers of images."""
    rng = np.random.default_rng(3)
    subject = np.sort(rng.integers(0, 12, 70))
    vectors = exact_vectors(rng, 70, request.param)
    other = vectors.copy()
    other[::4] = exact_vectors(rng, len(other[::4]), request.param)
    return Seen(vectors, subject, request.param), Seen(other, subject, request.param)


def squares(*moves: dict[tuple[int, int], float]) -> float:
    return sum(sum(move[pair] for move in moves) ** 2 for pair in moves[0])


def test_the_square_of_one_rate_is_that_of_the_naive_count_and_of_the_sums(two):
    for seen in two:
        rates, total = seen.rates, seen.rates.sizes[1]
        for closeness in [seen.cut, *best_f1_candidates(rates.rates).tolist()]:
            fmr = rates.fmr(closeness)
            expected = squares(seen.moves([(1 / total, closeness)]))
            assert fmr.pairs.square() == pytest.approx(expected, rel=1e-9, abs=1e-15)
            assert rates._over_pairs(fmr.pairs.terms[0]) == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_of_a_difference_it_is_what_a_pair_does_to_both(two):
    one, other = two
    total = one.rates.sizes[1]
    a, b = (seen.rates.fmr(seen.cut) for seen in two)
    expected = squares(one.moves([(1 / total, one.cut)]), other.moves([(-1 / total, other.cut)]))
    difference = a - b
    assert difference.pairs.square() == pytest.approx(expected)
    assert expected < 0.8 * (a.pairs.square() + b.pairs.square()), "the models agree on most pairs"
    assert difference.impostor == pytest.approx(a.impostor - b.impostor)
    taken = sum(counted_twice((one.impostor**2).sum(), one.pairs.square(), 12) for one in (a, b))
    share = taken / (a.pairs.square() + b.pairs.square())
    own = counted_twice((difference.impostor**2).sum(), expected, 12)
    assert difference.excess == pytest.approx(min(own, share * expected))


def test_a_best_f1_carries_the_pairs_of_all_its_candidates(two):
    one, other = two
    a, b = (chosen.best_f1(seen.rates, best_f1_candidates(seen.rates.rates)) for seen in two)
    moves = [
        seen.moves([(sign * term.weight, term.closeness) for term in best.pairs.terms])
        for seen, best, sign in ((one, a, 1), (other, b, -1))
    ]
    assert len(a.pairs.terms) > 1
    assert (a - b).pairs.square() == pytest.approx(squares(*moves))


def test_rates_that_follow_from_others_carry_their_pairs_on(two):
    one, _ = two
    rates = one.rates
    tar = chosen.tar(rates, 0.1)
    (term,) = tar.pairs.terms
    assert term.closeness == rates.closeness(rates.rates.loosest_within(0.1).threshold)
    assert tar.complement().pairs.terms[0].weight == -term.weight
    assert tar.complement().impostor == pytest.approx(-tar.impostor)
    assert rates.fnmr(one.cut).pairs == rates.auc().pairs == NO_PAIRS


def test_pairs_of_other_subjects_stay_apart():
    rng = np.random.default_rng(4)
    subject = np.sort(rng.integers(0, 12, 60))
    seen = [
        Seen(exact_vectors(rng, 60, Comparator.COSINE), subject + shift, Comparator.COSINE) for shift in (0, 0, 50, 50)
    ]
    ax, bx, ay, by = (one.rates.fmr(one.cut) for one in seen)
    gap = (ax - ay) - (bx - by)
    assert (ax - ay).excess == pytest.approx(ax.excess + ay.excess)
    total = (ax - bx).pairs.square() + (ay - by).pairs.square()
    assert gap.pairs.square() == pytest.approx(total)
    own = counted_twice((gap.influence**2).sum(), total, gap.n_subjects)
    taken = [counted_twice((d.impostor**2).sum(), d.pairs.square(), d.n_subjects) for d in (ax - ay, bx - by)]
    share = sum(taken) / sum(d.pairs.square() for d in (ax - ay, bx - by))
    assert own < share * total
    assert gap.excess == pytest.approx(own)


def test_below_the_list_the_share_of_the_parts_is_taken(two):
    one, other = two
    parts = []
    for seen in (one, other):
        short = replace(seen.rates.counts, listed=Listed.none())
        parts.append(replace(seen.rates, counts=short).fmr(seen.cut))
    difference = parts[0] - parts[1]
    assert np.isnan(difference.pairs.square())
    square = [float((part.influence**2).sum()) for part in parts]
    share = sum(part.excess for part in parts) / sum(square)
    assert difference.excess == pytest.approx(share * float((difference.influence**2).sum()))


def test_weights_of_nothing_leave_no_term(two):
    counts = two[0].rates.counts
    some = PairInfluence((PairTerm(2.0, counts, float(counts.knots[0]), 0.5),))
    assert PairInfluence.combined([(0.0, some)]) == NO_PAIRS
    assert PairInfluence.combined([(3.0, some)]).terms[0].weight == 6.0


@pytest.mark.parametrize("subjects", [30, 200])
def test_what_is_taken_off_falls_as_subjects_show_more_than_their_pairs(subjects):
    taken = [counted_twice(square, 1.0, subjects) for square in (2.0, 3.0, 10.0, 1000.0)]
    assert taken[0] == 1.0
    assert all(later < earlier for earlier, later in combinations(taken, 2))
    assert 0 < taken[-1] < 0.3
    assert counted_twice(5.0, 0.0, subjects) == 0.0


def test_of_what_falls_short_of_the_pairs_half_is_believed_and_no_influence_at_all_is_not():
    left = [square - counted_twice(square, 1.0, 30) for square in (2.0, 1.9, 1.0, 0.2, 0.0)]
    assert left == pytest.approx([1.0, 1.9 / 2, 1 / 2, 1 - 0.2 / 2, 1.0])
