"""How far cohorts lie apart: held against plain formulas, and against subjects drawn again and again."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from scipy import stats

import facegap
from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.manifest import Manifest
from facegap.data.spec import ModelSpec
from facegap.metrics.differentials import differential_rows, price_rows
from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import Rates
from facegap.report.text.methods import method_text
from facegap.stats import LOG, Combination

MEASURES = ["fmr max/min", "fmr max/geomean", "fnmr max/min", "fnmr max/geomean", "FDR", "IR", "GARBE"]
ALIKE = {"easy": 0.2, "middle": 0.35, "hard": 0.5}
"""How much the subjects of a cohort have in common."""


def drawn(alike=ALIKE, subjects=50, images=4, noise=0.8, seed=0, shared=False):
    """Return vectors, subject codes and cohort names; `shared`: the same people, pictures and all, in every cohort."""
    rng = np.random.default_rng(seed)
    vectors, subject, cohort = [], [], []
    for k, (name, common) in enumerate(alike.items()):
        if shared:
            rng = np.random.default_rng(seed)
        people = rng.normal(size=(subjects, 24)) + common
        of = np.repeat(np.arange(subjects), images)
        vectors.append(people[of] + noise * rng.normal(size=(len(of), 24)))
        subject += (of if shared else of + k * subjects).tolist()
        cohort += [name] * len(of)
    return np.concatenate(vectors).astype(np.float32), np.array(subject), cohort


def rates_of(vectors, subject, cohort, threshold, comparator=Comparator.COSINE):
    """Return the `SubjectRates` of each cohort; `threshold` is among the evaluated thresholds."""
    frame = pl.DataFrame(
        {"path": [f"{i}.jpg" for i in range(len(subject))], "subject": [f"{s:04}" for s in subject], "cohort": cohort}
    )
    cohorts = tuple(dict.fromkeys(cohort))
    spec = ModelSpec("m", "python", "1", "whole", 8, vectors.shape[1], comparator, threshold=threshold)
    outcome = np.where(np.isfinite(vectors).all(axis=1), Outcome.OK, Outcome.NO_FACE).astype(np.uint8)
    boxes = np.full((len(subject), 4), np.nan, np.float32)
    embeddings = Embeddings(vectors, outcome, (None,) * len(subject), boxes)
    one = facegap.score(embeddings, Manifest(frame, cohorts, "study"), spec, workers=1)
    assert one.subjects is not None
    return {c: SubjectRates(one.subjects.between(c, c), Rates(one.tally.between(c, c))) for c in cohorts}


def rows_of(cohorts, threshold, comparator=Comparator.COSINE, level=0.95) -> dict[str, dict]:
    rows = differential_rows(
        cohorts, model="m", images="own", at="shipped", threshold=threshold,
        similarity=float(comparator.cut(threshold)), level=level,
    )  # fmt: skip
    assert all(x is None or not isinstance(x, float) or np.isfinite(x) for row in rows for x in row.values())
    pl.DataFrame(rows, schema=facegap.data.evaluation_tables.TABLES["differentials"])
    return {row["measure"]: row for row in rows}


def plain(fmr: np.ndarray, fnmr: np.ndarray) -> dict[str, float]:
    """Return every measure by its formula."""

    def gini(x):
        n = len(x)
        return n / (n - 1) * np.abs(x[:, None] - x[None]).sum() / (2 * n**2 * x.mean())

    return {
        "fmr max/min": fmr.max() / fmr.min(),
        "fmr max/geomean": fmr.max() / stats.gmean(fmr),
        "fnmr max/min": fnmr.max() / fnmr.min(),
        "fnmr max/geomean": fnmr.max() / stats.gmean(fnmr),
        "FDR": 1 - 0.5 * np.ptp(fmr) - 0.5 * np.ptp(fnmr),
        "IR": (fmr.max() / fmr.min()) ** 0.5 * (fnmr.max() / fnmr.min()) ** 0.5,
        "GARBE": 0.5 * gini(fmr) + 0.5 * gini(fnmr),
    }


@pytest.fixture(scope="module")
def three():
    return drawn(), rates_of(*drawn(), 0.45)


def test_every_measure_is_its_formula_and_names_its_ends(three):
    _, cohorts = three
    rows = rows_of(cohorts, 0.45)
    assert list(rows) == MEASURES
    points = [one.rates.at(0.45) for one in cohorts.values()]
    expected = plain(np.array([p.fmr for p in points]), np.array([p.fnmr for p in points]))
    assert {name: row["value"] for name, row in rows.items()} == pytest.approx(expected)
    assert all(row["low"] < row["value"] < row["high"] for row in rows.values())
    assert (rows["fmr max/min"]["worst"], rows["fmr max/min"]["best"]) == ("hard", "easy")
    assert (rows["fmr max/geomean"]["worst"], rows["fmr max/geomean"]["best"]) == ("hard", "")
    fnmr = rows["fnmr max/min"]
    assert rows["FDR"]["worst"] in ("hard", f"FMR: hard, FNMR: {fnmr['worst']}")


@pytest.mark.parametrize("comparator", OF_EMBEDDINGS)
def test_the_order_of_cohorts_does_not_matter(comparator):
    threshold = 0.45 if comparator.sign > 0 else 5.4
    cohorts = rates_of(*drawn(), threshold, comparator)
    there = rows_of(cohorts, threshold, comparator)
    back = rows_of(dict(reversed(cohorts.items())), threshold, comparator)
    for name, row in there.items():
        assert (row["best"], row["worst"], row["method"]) == tuple(back[name][k] for k in ("best", "worst", "method"))
        for key in ("value", "low", "high"):
            assert row[key] == pytest.approx(back[name][key])


def test_two_cohorts_alone_tie_the_measures_together(three):
    _, cohorts = three
    rows = rows_of({name: cohorts[name] for name in ("easy", "hard")}, 0.45)
    for kind in ("fmr", "fnmr"):
        for key in ("value", "low", "high"):
            assert rows[f"{kind} max/geomean"][key] ** 2 == pytest.approx(rows[f"{kind} max/min"][key])
    r, s = (rows[f"{kind} max/min"]["value"] for kind in ("fmr", "fnmr"))
    assert rows["GARBE"]["value"] == pytest.approx(0.5 * (r - 1) / (r + 1) + 0.5 * (s - 1) / (s + 1))
    a, b = (cohorts[name].fmr(float(Comparator.COSINE.cut(0.45))) for name in ("hard", "easy"))
    bounds = [rows["fmr max/min"][key] for key in ("low", "high")]
    assert bounds == pytest.approx(np.exp(Combination(((1.0, a), (-1.0, b)), LOG).interval(0.95)))


def resampled(vectors, subject, cohort, threshold, draws, rng) -> list[dict[str, float]]:
    """Return every measure for subjects drawn with replacement within their cohort: the subject bootstrap."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    tables = []
    for name in dict.fromkeys(cohort):
        inside = np.array(cohort) == name
        members, of = np.unique(subject[inside], return_inverse=True)
        accepted = (unit[inside] @ unit[inside].T) >= threshold
        np.fill_diagonal(accepted, False)
        held = np.eye(len(members))[of]
        images = held.sum(axis=0)
        tables.append((held.T @ accepted @ held, np.outer(images, images), images * (images - 1)))
    found = []
    for _ in range(draws):
        fmr, fnmr = [], []
        for accepted, impostor, genuine in tables:
            w = np.bincount(rng.integers(0, len(genuine), len(genuine)), minlength=len(genuine))
            across = w[:, None] * w[None] * (1 - np.eye(len(w)))
            fmr.append((across * accepted).sum() / (across * impostor).sum())
            fnmr.append(1 - (w * np.diag(accepted)).sum() / (w * genuine).sum())
        found.append(plain(np.array(fmr), np.array(fnmr)))
    return found


def test_intervals_are_as_wide_as_those_of_resampled_subjects(three):
    """Half their width, on the scale where they are made, in units of the spread over resamples: a quantile."""
    data, cohorts = three
    longest = stats.t.ppf(0.975, 2)
    rows = rows_of(cohorts, 0.45)
    draws = resampled(*data, 0.45, 600, np.random.default_rng(1))
    for name, row in rows.items():
        scale = np.asarray if name in ("FDR", "GARBE") else np.log
        spread = np.std(scale([draw[name] for draw in draws]))
        half = np.diff(scale([row["low"], row["high"]])).item() / 2
        assert 1.6 < half / spread < longest, name


def test_what_the_same_people_do_to_both_cohorts_is_set_off():
    cohorts = rates_of(*drawn({"one": 0.4, "other": 0.4}, shared=True), 0.45)
    for name, row in rows_of(cohorts, 0.45).items():
        assert row["value"] == pytest.approx(0 if name == "GARBE" else 1), name
        assert row["low"] is None, name
        assert "no interval" in method_text(row), name


def test_what_stands_on_few_errors_is_no_ratio():
    cohorts = rates_of(*drawn({"easy": 0.0, "hard": 0.6, "harder": 0.8}), 0.7)
    assert cohorts["easy"].rates.at(0.7).false_matches == 0
    rows = rows_of(cohorts, 0.7)
    for name in ("fmr max/min", "fmr max/geomean", "IR"):
        assert (rows[name]["value"], rows[name]["low"], rows[name]["high"]) == (None, None, None)
        assert method_text(rows[name]).startswith("not resolvable: 0 false matches in easy")
        assert rows[name]["worst"], "who is at the end is known all the same"
    for name in ("FDR", "GARBE"):
        assert 0 < rows[name]["value"] < 1
        assert rows[name]["low"] is None
        assert method_text(rows[name]).startswith("no interval: 0 false matches in easy")


def test_without_any_error_nothing_but_the_discrepancy_has_a_value():
    cohorts = rates_of(*drawn({"one": 0.0, "other": 0.0}, noise=0.05), 0.95)
    rows = rows_of(cohorts, 0.95)
    assert {name for name, row in rows.items() if row["value"] is not None} == {"FDR"}
    assert rows["FDR"]["value"] == 1


def test_a_rate_of_one_has_many_errors():
    cohorts = rates_of(*drawn(), -1.0)
    row = rows_of(cohorts, -1.0)["fmr max/min"]
    assert row["value"] == 1
    assert row["low"] is None


def test_a_cohort_without_genuine_comparisons_is_left_out_of_what_needs_them():
    vectors, subject, cohort = drawn()
    kept = np.array([c != "middle" or i % 4 == 0 for i, c in enumerate(cohort)])
    cohorts = rates_of(vectors[kept], subject[kept], [c for c, k in zip(cohort, kept, strict=True) if k], 0.45)
    rows = rows_of(cohorts, 0.45)
    fnmr = [cohorts[c].rates.at(0.45).fnmr for c in ("easy", "hard")]
    assert rows["fnmr max/min"]["value"] == pytest.approx(max(fnmr) / min(fnmr))
    assert all("left out for want of genuine comparisons: middle" in method_text(row) for row in rows.values())
    assert rows_of({c: cohorts[c] for c in ("easy", "middle")}, 0.45) == {}


def prices(cohorts, threshold, fmr, level=0.95):
    rows = price_rows(
        cohorts, model="m", images="own", at=f"all@fmr={fmr:g}", fmr=fmr, threshold=threshold,
        similarity=float(Comparator.COSINE.cut(threshold)), level=level,
    )  # fmt: skip
    pl.DataFrame(rows, schema=facegap.data.evaluation_tables.TABLES["prices"])
    return {row["cohort"]: row for row in rows}


def test_the_price_is_what_a_cohort_would_save_with_a_threshold_of_its_own(three):
    cohorts = rates_of(*three[0], 0.53)
    rows = prices(cohorts, 0.53, 0.01)
    for name, row in rows.items():
        own = cohorts[name].rates.loosest_within(0.01)
        there = cohorts[name].rates.at(0.53)
        assert (row["fmr"], row["fnmr"]) == pytest.approx((there.fmr, there.fnmr))
        assert (row["own_threshold"], row["own_fmr"], row["own_fnmr"]) == pytest.approx(
            (own.threshold, own.fmr, own.fnmr)
        )
        assert row["price"] == pytest.approx(row["fnmr"] - row["own_fnmr"])
        assert row["low"] < row["price"] < row["high"]
    order = ["easy", "middle", "hard"]
    assert all(rows[a]["price"] > rows[b]["price"] for a, b in pairwise(order))
    assert rows["easy"]["price"] > 0 > rows["hard"]["price"], "the others' false matches are paid for by the easy"


def test_the_cohort_that_set_the_threshold_pays_nothing(three):
    (vectors, subject, cohort), cohorts = three
    threshold = cohorts["hard"].rates.loosest_within(0.01).threshold
    rows = prices(rates_of(vectors, subject, cohort, threshold), threshold, 0.01)
    assert [rows["hard"][key] for key in ("price", "low", "high")] == [0, 0, 0]


def test_a_price_that_cannot_be_resolved_is_absent(three):
    _, cohorts = three
    for row in prices(cohorts, 0.45, 1e-5).values():
        assert row["fnmr"] is not None
        assert {row[key] for key in ("own_threshold", "own_fmr", "own_fnmr", "price", "low", "high")} == {None}
    clear = rates_of(*drawn({"one": 0.0, "other": 0.0}, noise=0.3), 0.6)
    row = prices(clear, 0.6, 0.01)["one"]
    assert row["price"] == 0
    assert (row["low"], row["high"]) == (None, None), "there are no false non-matches to judge by"
