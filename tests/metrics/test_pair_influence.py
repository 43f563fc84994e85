"""What pairs of subjects do to two models at once, held against a naive count over all pairs."""

from dataclasses import replace

import numpy as np
import pytest

from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.subject_tally import Listed
from facegap.metrics import chosen
from facegap.metrics.evaluated import best_f1_candidates, thresholds_to_evaluate
from facegap.metrics.influence import SubjectRates
from facegap.metrics.pair_influence import PairInfluence, PairTerm
from facegap.metrics.rates import Rates
from facegap.metrics.registry import point_metric
from facegap.scoring import compare_all, compare_subjects
from facegap.stats import LOG, Combination
from oracle import exact_vectors, scores

SHIPPED = {Comparator.COSINE: 0.5, Comparator.EUCLIDEAN: 1.25}
BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)


class Seen:
    """One model's rates, and its impostor scores one by one: `between` names the pair of subjects of each."""

    def __init__(self, vectors, subject, comparator):
        n, names = len(vectors), ("c",)
        self.cut = float(comparator.cut(SHIPPED[comparator]))
        study = (vectors, subject.astype(np.int32), np.zeros(n, np.int32), np.ones(n, bool))
        tally = compare_all(*study, comparator=comparator, cohorts=names, thresholds=[SHIPPED[comparator]])
        evaluated = thresholds_to_evaluate(tally, [SHIPPED[comparator]])
        counts = compare_subjects(
            *study, tally, evaluated=evaluated.similarity, tails=evaluated.tails, wide_tail=evaluated.wide_tail
        ).pooled()
        self.rates = SubjectRates(counts, Rates(tally.pooled()))
        values, same, rows = scores(vectors, subject, comparator)
        self.values = values[~same]
        self.between = [tuple(sorted(pair)) for pair in subject[rows[~same]].tolist()]

    def moves(self, terms: list[tuple[float, float]], centred: bool = True) -> dict[tuple[int, int], float]:
        """Return what each pair adds at some (weight, similarity): weight x (a - FMR m)."""
        found = dict.fromkeys(self.between, 0.0)
        for weight, similarity in terms:
            accepted = self.values >= np.float32(similarity)
            for pair, yes in zip(self.between, accepted, strict=True):
                found[pair] += weight * (float(yes) - (accepted.mean() if centred else 0.0))
        return found


@pytest.fixture(params=OF_EMBEDDINGS)
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
        for similarity in [seen.cut, *best_f1_candidates(rates.rates).tolist()]:
            fmr = rates.fmr(similarity)
            expected = squares(seen.moves([(1 / total, similarity)]))
            assert fmr.pairs.square() == pytest.approx(expected, rel=1e-9, abs=1e-15)
            again = fmr.pairs.times(0.5) + fmr.pairs.times(0.5)
            assert again.square() == pytest.approx(expected, rel=1e-9, abs=1e-15), "from the list, pair by pair"


def test_of_a_difference_it_is_what_a_pair_does_to_both(two):
    one, other = two
    total = one.rates.sizes[1]
    a, b = (seen.rates.fmr(seen.cut) for seen in two)
    expected = squares(one.moves([(1 / total, one.cut)]), other.moves([(-1 / total, other.cut)]))
    assert (a.pairs + b.pairs.times(-1.0)).square() == pytest.approx(expected)
    assert expected < 0.8 * (a.pairs.square() + b.pairs.square()), "the models agree on most pairs"


def test_on_a_logarithmic_scale_pairs_are_set_off_as_subjects_are(two):
    a, b = (seen.rates.fmr(seen.cut) for seen in two)
    ratio = Combination(((1.0, a), (-1.0, b)), LOG)
    total = two[0].rates.sizes[1]
    moves = [
        seen.moves([(sign / total / one.value, seen.cut)]) for seen, one, sign in zip(two, (a, b), (1, -1), strict=True)
    ]
    shared = a.shared / a.value - b.shared / b.value
    square, twice = squares(*moves), float((shared**2).sum())
    left = max(twice - square, square) / twice
    assert ratio.variance / (ratio.variance + ratio.double_counted) == pytest.approx(left)


def test_a_best_f1_carries_the_pairs_of_all_its_candidates(two):
    one, other = two
    a, b = (chosen.best(seen.rates, point_metric("f1"), best_f1_candidates(seen.rates.rates)) for seen in two)
    moves = [
        seen.moves([(sign * term.weight, term.similarity) for term in best.pairs.terms])
        for seen, best, sign in ((one, a, 1), (other, b, -1))
    ]
    assert len(a.pairs.terms) > 1
    assert (a.pairs + b.pairs.times(-1.0)).square() == pytest.approx(squares(*moves))


def test_rates_that_follow_from_others_carry_their_pairs_on(two):
    one, _ = two
    rates = one.rates
    tar = chosen.tar(rates, 0.1)
    (term,) = tar.pairs.terms
    assert term.similarity == rates.similarity(rates.rates.loosest_within(0.1).threshold)
    assert tar.complement().pairs.terms[0].weight == -term.weight
    assert tar.complement().shared == pytest.approx(-tar.shared)
    assert rates.fnmr(one.cut).pairs == PairInfluence()
    assert rates.auc().pairs is None, "what pairs add to an area is not known"


def test_pairs_of_other_subjects_stay_apart():
    rng = np.random.default_rng(4)
    subject = np.sort(rng.integers(0, 12, 60))
    seen = [
        Seen(exact_vectors(rng, 60, Comparator.COSINE), subject + shift, Comparator.COSINE) for shift in (0, 0, 50, 50)
    ]
    ax, bx, ay, by = (one.rates.fmr(one.cut) for one in seen)
    gap = ax.pairs + ay.pairs.times(-1.0) + bx.pairs.times(-1.0) + by.pairs
    total = sum((a.pairs + b.pairs.times(-1.0)).square() for a, b in ((ax, bx), (ay, by)))
    assert gap.square() == pytest.approx(total)


def test_below_the_list_nothing_is_taken_off(two):
    parts = []
    for sign, seen in zip((1.0, -1.0), two, strict=True):
        short = replace(seen.rates.counts, listed=Listed.none())
        parts.append((sign, replace(seen.rates, counts=short).fmr(seen.cut)))
    difference = Combination(tuple(parts))
    assert np.isnan((parts[0][1].pairs + parts[1][1].pairs.times(-1.0)).square())
    assert difference.double_counted == 0
    assert difference.variance > 0


def test_a_weight_of_nothing_leaves_a_term_out(two):
    counts = two[0].rates.counts
    some = PairInfluence((PairTerm(2.0, counts, float(counts.evaluated[0]), 0.5),))
    assert (some + some.times(0.0)).square() == pytest.approx(some.square())
    assert some.times(3.0).terms[0].weight == 6.0


def test_of_subjects_with_other_images_in_each_of_two_cohorts_nothing_is_taken_off():
    """Two images of each in one cohort, four in the other: what a pair does to both is not in the sums."""
    rng = np.random.default_rng(6)
    few, many = (
        Seen(exact_vectors(rng, 12 * m, Comparator.COSINE), np.repeat(np.arange(12), m), Comparator.COSINE)
        for m in (2, 4)
    )
    a, b = (one.rates.fmr(one.cut) for one in (few, many))
    assert np.isnan((a.pairs + b.pairs.times(-1.0)).square())
    there, back = Combination(((1.0, a), (-1.0, b)), LOG), Combination(((1.0, b), (-1.0, a)), LOG)
    assert there.variance == pytest.approx(back.variance)
    assert there.double_counted == 0
