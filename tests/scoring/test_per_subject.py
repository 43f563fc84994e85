"""Counts by subject are held against a naive double loop, and against themselves in other orders of work."""

import numpy as np
import pytest

from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.source import Pairs
from facegap.data.subject_tally import SubjectCounts, SubjectTally
from facegap.data.tally import MOMENT_UNIT, ScoreTally
from facegap.run.executor import Serial, Threads
from facegap.scoring import Kept, ListedComparisons, blocks_of_pairs, compare_all, compare_subjects, score_pairs
from facegap.scoring import per_subject as per_subject_module
from facegap.scoring import tiles as tiles_module
from facegap.scoring.layout import BLOCK
from oracle import arrays, exact_vectors, in_order, scores

BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)


def passes(
    vectors, subject, cohort=None, ok=None, *, comparator, executor=None, names=None, kept=None
) -> tuple[ScoreTally, SubjectTally]:
    """Return both passes over a study; a few evaluated thresholds and a tail lie on scores, among them 0.5 in the
    native unit."""
    cohort = np.zeros(len(vectors), np.int32) if cohort is None else cohort.astype(np.int32)
    ok = np.ones(len(vectors), bool) if ok is None else ok
    subject = subject.astype(np.int32)
    names = names or tuple(f"c{c}" for c in range(int(cohort.max(initial=0)) + 1))
    tally = compare_all(vectors, subject, cohort, ok, comparator=comparator, cohorts=names, thresholds=[0.5], kept=kept)
    seen = tally.cuts[tally.genuine.sum(axis=0)[1::2] > 0]
    evaluated = [comparator.cut(0.5), *(np.quantile(seen, [0.1, 0.5, 0.9], method="nearest") if len(seen) else [])]
    tails = {name: float(evaluated[k % len(evaluated)]) for k, name in enumerate(names, 1)}
    subjects = compare_subjects(
        vectors, subject, cohort, ok, tally,
        evaluated=np.array(evaluated), tails=tails, wide_tail=float(evaluated[-1]), executor=executor, kept=kept,
    )  # fmt: skip
    return tally, subjects


class Loop:
    """The comparisons of one population, added to their subjects one at a time."""

    def __init__(self, found: SubjectCounts, values, same, made, sides):
        n, bins = len(found.subject), len(found.evaluated) + 1
        place = {int(s): i for i, s in enumerate(found.subject)}
        self.genuine, self.impostor = np.zeros((n, bins), int), np.zeros((n, bins), int)
        self.ranks, self.moments, self.failed = np.zeros((n, 2, 2), int), np.zeros((n, 2, 2)), np.zeros((n, 2), int)
        genuine_scores, impostor_scores = np.sort(values[made & same]), np.sort(values[made & ~same])
        below, at_most = (np.searchsorted(impostor_scores, values, side) for side in ("left", "right"))
        at_least, above = (len(genuine_scores) - np.searchsorted(genuine_scores, values, s) for s in ("left", "right"))
        worths = np.where(same, below + at_most, above + at_least)  # twice those that it beats, and ties once
        in_tail, bins = values >= np.float32(found.tail), (found.evaluated <= values[:, None]).sum(axis=1)
        self.pairs: dict[tuple, list[float]] = {}
        for value, genuine, was_made, (a, b), worth, tail, at in zip(
            values.tolist(), same, made, sides.tolist(), worths.tolist(), in_tail.tolist(), bins.tolist(), strict=True
        ):
            kind = 0 if genuine else 1
            for s in {a, b}:
                if not was_made:
                    self.failed[place[s], kind] += 1
                    continue
                (self.genuine, self.impostor)[kind][place[s], at] += 1
                self.ranks[place[s], kind] += [worth, worth if tail else 0]
                self.moments[place[s], kind] += [value, value**2]
            if was_made and not genuine:
                self.pairs.setdefault(tuple(sorted((a, b))), []).append(value)

    def over_pairs(self, evaluated) -> tuple[list[int], list[int], int]:
        sizes = [len(held) for held in self.pairs.values()]
        accepted = [[int(sum(v >= k for v in held)) for held in self.pairs.values()] for k in evaluated]
        squares = [sum(a * a for a in row) for row in accepted]
        products = [sum(a * m for a, m in zip(row, sizes, strict=True)) for row in accepted]
        return squares, products, sum(m * m for m in sizes)


def assert_equal(found: SubjectCounts, loop: Loop, *, pairs: bool, population: str) -> None:
    for name in ("genuine", "impostor", "ranks", "failed"):
        assert np.array_equal(getattr(found, name), getattr(loop, name)), (population, name)
    assert np.allclose(found.moments / MOMENT_UNIT, loop.moments, atol=1e-5), population
    high = sorted((float(v), *pair) for pair, held in loop.pairs.items() for v in held if v >= found.listed.bar)
    assert np.array_equal(in_order(found.listed), np.array(high).reshape(-1, 3)), population
    assert len(high) > 60_000 or found.listed.bar == -np.inf
    if pairs:
        squares, products, sizes = loop.over_pairs(found.evaluated)
        assert found.squares.tolist() == squares, population
        assert found.products.tolist() == products, population
        assert found.sizes == sizes, population


def check_everything(vectors, subject, cohort, ok, comparator) -> None:
    tally, subjects = passes(vectors, subject, cohort, ok, comparator=comparator)
    values, same, rows = scores(np.where(ok[:, None], vectors, 1), subject, comparator)
    made, sides, where = ok[rows].all(axis=1), subject[rows], np.sort(cohort[rows], axis=1)
    in_several = any(len(np.unique(cohort[subject == s])) > 1 for s in np.unique(subject))
    for q in range(len(tally.cohorts)):
        for p in range(q + 1):
            inside = (where[:, 0] == p) & (where[:, 1] == q)
            found = subjects.between(tally.cohorts[p], tally.cohorts[q])
            assert np.array_equal(found.subject, np.unique(subject[(cohort == p) | (cohort == q)]))
            loop = Loop(found, values[inside], same[inside], made[inside], sides[inside])
            assert_equal(found, loop, pairs=p == q or not in_several, population=f"{p} and {q}")
    found = subjects.pooled()
    assert_equal(found, Loop(found, values, same, made, sides), pairs=not in_several, population="all")


@BOTH
@pytest.mark.parametrize("cohorts", [1, 2, 3])
def test_every_sum_is_that_of_the_naive_loop(comparator, cohorts):
    """Exact vectors: many ties, on evaluated thresholds and tails too. No cohort outgrows a block, so no pair of
    subjects does."""
    rng = np.random.default_rng(cohorts)
    vectors, subject = exact_vectors(rng, 120, comparator), rng.integers(0, 24, 120)
    check_everything(vectors, subject, subject % cohorts, np.ones(120, bool), comparator)


@BOTH
def test_failed_images_are_left_out_and_their_comparisons_counted(comparator):
    rng = np.random.default_rng(11)
    vectors, subject = exact_vectors(rng, 110, comparator), rng.integers(0, 22, 110)
    ok = rng.random(110) > 0.2
    ok[subject == 3] = False
    vectors[~ok] = np.nan
    check_everything(vectors, subject, subject % 2, ok, comparator)


@BOTH
def test_a_subject_may_be_in_several_cohorts(comparator):
    rng = np.random.default_rng(12)
    vectors, subject, cohort = exact_vectors(rng, 120, comparator), rng.integers(0, 20, 120), rng.integers(0, 3, 120)
    ok = rng.random(120) > 0.1
    vectors[~ok] = np.nan
    check_everything(vectors, subject, cohort, ok, comparator)


@BOTH
def test_an_empty_cohort_and_an_empty_study_hold_nothing(comparator):
    rng = np.random.default_rng(13)
    vectors, subject, cohort = exact_vectors(rng, 30, comparator), rng.integers(0, 6, 30), np.repeat([0, 2], 15)
    _, subjects = passes(vectors, subject, cohort, comparator=comparator, names=("x", "nobody", "y"))
    assert len(subjects.between("nobody", "nobody").subject) == 0
    assert subjects.between("nobody", "y").impostor.sum() == 0
    assert subjects.pooled().genuine.sum() + subjects.pooled().impostor.sum() // 2 == 30 * 29 // 2
    _, nothing = passes(vectors[:0], subject[:0], comparator=comparator, names=("x",))
    assert nothing.pooled().genuine.shape == (0, 2)
    assert nothing.pooled().sizes == 0


def crowd(subjects=140, images=12, dimension=24, seed=2):
    """Return more images than three blocks hold, with scores that are not exact."""
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), images)
    vectors = rng.normal(size=(subjects, dimension))[subject] + 0.8 * rng.normal(size=(len(subject), dimension))
    assert len(subject) > 3 * BLOCK
    return vectors.astype(np.float32), subject


def bits(subjects: SubjectTally) -> list[bytes]:
    return [one.tobytes() for c in [*subjects.cells, subjects.pooled()] for one in arrays(c).values()]


@BOTH
@pytest.mark.parametrize("looked_at", [(100, 16), (0, 3)])
def test_no_bit_depends_on_the_executor(comparator, looked_at, monkeypatch):
    """With so few block pairs in a piece there are many pieces, and not in each of them all is looked at."""
    monkeypatch.setattr(tiles_module, "LEAST", 1)
    monkeypatch.setattr(tiles_module, "LOOKED_AT", looked_at)
    vectors, subject = crowd()
    for cohort in (np.zeros(len(subject), int), subject % 2):
        _, first = passes(vectors, subject, cohort, comparator=comparator, executor=Serial())
        for executor in (Threads(1), Threads(2), Threads(3)):
            _, other = passes(vectors, subject, cohort, comparator=comparator, executor=executor)
            assert bits(first) == bits(other), executor


@BOTH
def test_no_bit_depends_on_what_is_kept(comparator):
    vectors, subject = crowd()
    first_tally, first = passes(vectors, subject, comparator=comparator)
    kept = Kept(10 * BLOCK * BLOCK * 4)
    tally, other = passes(vectors, subject, comparator=comparator, kept=kept)
    assert len(kept.scores) == 10
    assert tally.impostor.tobytes() == first_tally.impostor.tobytes()
    assert bits(first) == bits(other)


@BOTH
def test_sums_over_pairs_of_subjects_may_come_from_a_sample(comparator, monkeypatch):
    vectors, subject = crowd()
    _, whole = passes(vectors, subject, comparator=comparator)
    monkeypatch.setattr(tiles_module, "LOOKED_AT", (0, 2))
    _, sampled = passes(vectors, subject, comparator=comparator)
    for name in ("genuine", "impostor", "ranks", "moments", "failed"):
        assert np.array_equal(getattr(whole.pooled(), name), getattr(sampled.pooled(), name)), name
    assert sampled.pooled().sizes != whole.pooled().sizes
    assert sampled.pooled().sizes == pytest.approx(whole.pooled().sizes, rel=0.1)
    many = whole.pooled().squares > 1000
    assert many.sum() >= 2
    assert np.allclose(sampled.pooled().squares[many], whole.pooled().squares[many], rtol=0.25)


@BOTH
def test_counts_over_several_blocks_are_those_of_the_naive_loop(comparator):
    rng = np.random.default_rng(14)
    vectors, subject = exact_vectors(rng, BLOCK + 60, comparator), rng.integers(0, 30, BLOCK + 60)
    _, subjects = passes(vectors, subject, comparator=comparator)
    values, same, rows = scores(vectors, subject, comparator)
    found = subjects.pooled()
    loop = Loop(found, values, same, np.ones(len(values), bool), subject[rows])
    assert_equal(found, loop, pairs=False, population="all")
    # A pair of subjects that lies across two blocks is seen as two pairs: never more than the whole, hardly less.
    squares, products, sizes = loop.over_pairs(found.evaluated)
    for got, whole in ((found.squares, squares), (found.products, products), (np.array([found.sizes]), [sizes])):
        assert (got <= whole).all()
        assert (got >= 0.8 * np.array(whole)).all()


@BOTH
def test_all_cohorts_together_equal_a_study_without_cohorts(comparator):
    rng = np.random.default_rng(15)
    vectors, subject = exact_vectors(rng, 200, comparator), rng.integers(0, 40, 200)
    cohort = subject % 3
    tally, split = passes(vectors, subject, cohort, comparator=comparator)
    assert np.array_equal(tally.pooled().genuine, passes(vectors, subject, comparator=comparator)[0].pooled().genuine)
    together = compare_subjects(
        vectors, subject.astype(np.int32), np.zeros(200, np.int32), np.ones(200, bool),
        compare_all(
            vectors, subject.astype(np.int32), np.zeros(200, np.int32), np.ones(200, bool),
            comparator=comparator, cohorts=("c",), thresholds=[0.5],
        ),
        evaluated=split.pooled().evaluated, tails={"c": split.wide_tail}, wide_tail=split.wide_tail,
    ).pooled()  # fmt: skip
    pooled = split.pooled()
    for name, one in arrays(pooled).items():
        assert name == "moments" or np.array_equal(one, arrays(together)[name]), name
    assert np.allclose(pooled.moments, together.moments, atol=1e-5 * MOMENT_UNIT)


@BOTH
def test_accepted_comparisons_are_known_at_evaluated_alone(comparator):
    rng = np.random.default_rng(16)
    vectors, subject = exact_vectors(rng, 60, comparator), rng.integers(0, 12, 60)
    counts = passes(vectors, subject, comparator=comparator)[1].pooled()
    values, same, rows = scores(vectors, subject, comparator)
    for evaluated_one in counts.evaluated.tolist():
        genuine, impostor = counts.accepted(evaluated_one)
        for s, got_genuine, got_impostor in zip(counts.subject, genuine, impostor, strict=True):
            mine = (subject[rows] == s).any(axis=1) & (values >= np.float32(evaluated_one))
            assert (got_genuine, got_impostor) == ((mine & same).sum(), (mine & ~same).sum())
    beside = float(np.nextafter(counts.evaluated[0], np.float32(np.inf)))
    assert not counts.knows(beside)
    with pytest.raises(ValueError, match="no evaluated threshold"):
        counts.accepted(beside)


@BOTH
def test_of_many_scores_the_highest_are_listed(comparator, monkeypatch):
    """No more than so many are, and all from the bar on."""
    rng = np.random.default_rng(17)
    vectors, subject = exact_vectors(rng, 130, comparator), rng.integers(0, 26, 130)
    whole = passes(vectors, subject, comparator=comparator)[1].pooled().listed
    monkeypatch.setattr(per_subject_module, "LISTED", 500)
    short = passes(vectors, subject, comparator=comparator)[1].pooled().listed
    assert 300 < len(short.similarity) <= 500
    assert np.array_equal(in_order(short), in_order(whole)[in_order(whole)[:, 0] >= short.bar])


def listed(n=160, images=70, seed=0):
    """Return vectors, subjects and a list of pairs in which subjects come again and again."""
    rng = np.random.default_rng(seed)
    subject = np.sort(rng.integers(0, 14, images))
    rows = np.array([(a, b) for a in range(images) for b in range(a + 1, images)])
    same = subject[rows[:, 0]] == subject[rows[:, 1]]
    chosen = np.r_[rng.permutation(np.flatnonzero(same))[: n // 2], rng.permutation(np.flatnonzero(~same))[: n // 2]]
    a, b = rows[rng.permutation(chosen)].T
    return rng, subject, Pairs(a, b, subject[a] == subject[b], np.zeros(len(a), np.int64))


def comparisons_of(vectors, ok, subject, pairs, comparator) -> ListedComparisons:
    blocks = blocks_of_pairs(vectors, ok, pairs, comparator)
    return ListedComparisons(blocks, comparator, subject, np.zeros(len(subject), np.int32), ("list",))


@BOTH
def test_listed_pairs_are_counted_for_their_subjects(comparator):
    rng, subject, pairs = listed()
    vectors = exact_vectors(rng, len(subject), comparator)
    ok = rng.random(len(subject)) > 0.1
    vectors[~ok] = np.nan
    comparisons = comparisons_of(vectors, ok, subject, pairs, comparator)
    tally = comparisons.count([0.5])
    evaluated = np.array([comparator.cut(0.5), *tally.cuts[[len(tally.cuts) // 3, len(tally.cuts) // 2]]])
    tail = float(evaluated[-1])
    found = comparisons.count_by_subject(tally, evaluated=evaluated, tails={"list": tail}, wide_tail=tail).pooled()
    values = score_pairs(vectors, pairs, comparator)
    sides = np.stack([subject[pairs.a], subject[pairs.b]], axis=1)
    loop = Loop(found, values, pairs.same, ok[pairs.a] & ok[pairs.b], sides)
    assert_equal(found, loop, pairs=True, population="list")
    assert loop.failed.sum() > 0


def test_a_list_of_no_pairs_that_could_be_made_holds_failures_alone():
    rng, subject, pairs = listed()
    vectors, ok = np.full((len(subject), 16), np.nan, np.float32), np.zeros(len(subject), bool)
    comparisons = comparisons_of(vectors, ok, subject, pairs, Comparator.COSINE)
    tally, evaluated = comparisons.count(), np.array([0.5])
    found = comparisons.count_by_subject(tally, evaluated=evaluated, tails={"list": 0.5}, wide_tail=0.5).pooled()
    assert found.genuine.sum() == found.impostor.sum() == found.sizes == 0
    assert found.failed.sum(axis=0).tolist() == [pairs.same.sum(), 2 * (~pairs.same).sum()]
    assert rng.random() < 1
