"""torch's counts are those of the processors: bit by bit on scores that are exact, closely on others."""

import numpy as np
import pytest

from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.tally import MOMENT_UNIT
from facegap.errors import InputError
from facegap.metrics.rates import Rates
from facegap.scoring import Kept, check_device, compare_all, compare_subjects
from facegap.scoring.layout import BLOCK
from oracle import arrays, exact_vectors, in_order

BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="torch is not installed: pip install 'facegap[gpu]'")


@pytest.fixture(params=["torch:cpu", "cuda"])
def device(request, torch):
    """Each device that torch can have; on a GPU it is our own kernels that count."""
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("there is no CUDA device here")
    return request.param


def both_passes(vectors, subject, cohort, ok, comparator, **device):
    names = tuple(f"c{c}" for c in range(int(cohort.max()) + 1))
    tally = compare_all(vectors, subject, cohort, ok, comparator=comparator, cohorts=names, thresholds=[0.5], **device)
    seen = tally.cuts[tally.genuine.sum(axis=0)[1::2] > 0]
    evaluated = np.quantile(seen, [0.1, 0.5, 0.9], method="nearest")
    subjects = compare_subjects(
        vectors, subject, cohort, ok, tally,
        evaluated=evaluated, tails=dict.fromkeys(names, float(evaluated[1])), wide_tail=float(evaluated[2]), **device,
    )  # fmt: skip
    return tally, subjects


def study(comparator, n):
    rng = np.random.default_rng(1)
    subject, cohort = np.sort(rng.integers(0, n // 5, n)).astype(np.int32), rng.integers(0, 2, n).astype(np.int32)
    ok = rng.random(n) > 0.1
    vectors = exact_vectors(rng, n, comparator)
    if comparator is Comparator.EUCLIDEAN:
        vectors[:, 1:] = 0  # square roots, too, are exact: devices round them differently
    vectors[~ok] = np.nan
    return vectors, subject, cohort, ok


@BOTH
@pytest.mark.parametrize("n", [90, 3 * BLOCK])
def test_counts_of_exact_scores_are_the_same_bit_by_bit(comparator, n, device):
    arguments = study(comparator, n)
    tally, subjects = both_passes(*arguments, comparator)
    other_tally, other_subjects = both_passes(*arguments, comparator, device=device)
    for name in ("cuts", "genuine", "impostor", "failed"):
        assert getattr(tally, name).tobytes() == getattr(other_tally, name).tobytes(), name
    for name in ("highest_impostors", "lowest_genuines"):
        for one, other in zip(
            vars(getattr(tally, name)).values(), vars(getattr(other_tally, name)).values(), strict=True
        ):
            assert np.array_equal(one, other), name
    assert np.allclose((tally.moments - other_tally.moments).astype(float), 0, atol=1e-6 * MOMENT_UNIT)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(subjects.wide, other_subjects.wide, strict=True))
    for one, other in zip(subjects.cells, other_subjects.cells, strict=True):
        for name, found in arrays(one).items():
            assert name == "moments" or found.tobytes() == arrays(other)[name].tobytes(), name
        assert np.allclose(one.moments, other.moments, atol=1e-6 * MOMENT_UNIT)


@BOTH
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-6), ("float16", 2e-4), ("bfloat16", 2e-3)])
def test_rates_of_real_scores_differ_by_rounding_alone(comparator, precision, tolerance, device):
    rng = np.random.default_rng(2)
    subject = np.repeat(np.arange(60), 6).astype(np.int32)
    vectors = (rng.normal(size=(60, 32))[subject] + 1.2 * rng.normal(size=(360, 32))).astype(np.float32)
    vectors[7] = vectors[6] + 1e-4
    cohort, ok = np.zeros(360, np.int32), np.ones(360, bool)
    rates, other = (
        Rates(compare_all(vectors, subject, cohort, ok, comparator=comparator, cohorts=("c",), **options).pooled())
        for options in ({}, {"device": device, "precision": precision})
    )
    assert other.counts.n_impostor == rates.counts.n_impostor
    assert other.auc() == pytest.approx(rates.auc(), abs=tolerance)
    assert other.eer()[0] == pytest.approx(rates.eer()[0], abs=max(10 * tolerance, 3e-3))


def test_a_device_that_is_not_there_is_said(torch):
    with pytest.raises(InputError, match="torch sees"):
        check_device(f"cuda:{torch.cuda.device_count()}", "float32")


@BOTH
@pytest.mark.parametrize("n", [3 * BLOCK, 40 * BLOCK])
def test_torch_fills_the_same_histograms(comparator, n, device):
    rng = np.random.default_rng(5)
    vectors, subject = exact_vectors(rng, n, comparator), np.sort(rng.integers(0, n // 5, n))
    if comparator is Comparator.EUCLIDEAN:
        vectors[:, 1:] = 0  # square roots, too, are exact: devices round them differently
    cohort, found = rng.integers(0, 2, n).astype(np.int32), []
    for where in ("cpu", device):
        kept = Kept(0)
        study = (vectors, subject.astype(np.int32), cohort, np.ones(len(vectors), bool))
        tally = compare_all(*study, comparator=comparator, cohorts=("a", "b"), kept=kept, device=where)
        evaluated = np.array(
            [comparator.cut(Rates(tally.pooled()).loosest_within(fmr).threshold) for fmr in (0.3, 0.1, 1e-2, 1e-3)]
        )
        tails = dict.fromkeys(("a", "b"), float(evaluated[0]))
        subjects = compare_subjects(
            *study, tally, evaluated=evaluated, tails=tails, wide_tail=float(evaluated[0]), kept=kept, device=where
        )
        for one in kept.histograms.values():
            found.append(
                (one.layout.bar, one.layout.edges, one.counts, *vars(one.pairs).values(), in_order(one.listed))
            )
        found += [[*arrays(cell).values()] for cell in subjects.cells]
    for one, other in zip(found[: len(found) // 2], found[len(found) // 2 :], strict=True):
        for a, b in zip(one, other, strict=True):
            assert (a is None and b is None) or np.allclose(a, b, rtol=1e-9)
