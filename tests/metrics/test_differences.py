"""Claims about two models or two cohorts: each is made once, can be turned round, and is found where it was planted."""

from itertools import combinations

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.manifest import Manifest
from facegap.data.spec import ModelSpec
from facegap.metrics import measure
from facegap.report.text.methods import method_text
from facegap.stats import holm

COHORTS = ("plain", "hard", "new")
PLACE = ["kind", "images", "metric", "at", "scale"]
SIDES = ["model_a", "cohort_a", "model_b", "cohort_b"]


def study(noises: dict[str, float], *, extra=(0.0, 0.0, 0.0), failed=None, subjects=90, images=4, seed=0, **asked):
    """Evaluate models that see the same faces with some noise each, and more of it in some cohorts."""
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), images)
    place = subject * len(COHORTS) // subjects
    centre, own = rng.normal(size=(subjects, 32))[subject], rng.normal(size=(len(subject), 32))
    frame = pl.DataFrame(
        {
            "path": [f"{i}.jpg" for i in range(len(subject))],
            "subject": [f"s{s:03}" for s in subject],
            "cohort": [COHORTS[k] for k in place],
        }
    )
    manifest = Manifest(frame, COHORTS, "study")
    scored, made = [], []
    for name, noise in noises.items():
        wide = (noise + np.array(extra))[place, None]
        vectors = (centre + wide * own + 0.2 * rng.normal(size=own.shape)).astype(np.float32)
        outcome = np.zeros(len(subject), np.uint8)
        outcome[list((failed or {}).get(name, ()))] = Outcome.NO_FACE
        vectors[outcome > 0] = np.nan
        box = np.full((len(subject), 4), np.nan, np.float32)
        spec = ModelSpec(name, "python", "1", "whole", 8, 32, Comparator.COSINE, threshold=0.35)
        made.append((Embeddings(vectors, outcome, (None,) * len(subject), box), spec))
    common = np.all([embeddings.ok for embeddings, _ in made], axis=0)
    for rows in [None] if common.all() else [None, common]:
        scored += [facegap.score(e, manifest, spec, common=rows, workers=1) for e, spec in made]
    return measure(scored, manifest, **asked)


@pytest.fixture(scope="module")
def evaluation():
    return study({"one": 0.9, "two": 1.1, "three": 1.3}, extra=(0, 0.5, 0))


def test_every_pair_stands_once_in_the_order_of_the_tables(evaluation):
    rows = evaluation.differences
    assert not rows.select(*PLACE, *SIDES).is_duplicated().any()
    models, names = list(combinations(["one", "two", "three"], 2)), [*COHORTS, "all"]
    pairs = list(combinations(COHORTS, 2))
    expected = {
        "models": [(a, cohort, b, cohort) for a, b in models for cohort in names],
        "cohorts": [(model, x, model, y) for x, y in pairs for model in ("one", "two", "three")],
        "gaps": [(a, x, b, y) for a, b in models for x, y in pairs],
    }
    for metric, at in (("auc", ""), ("eer", ""), ("f1", "best-f1"), ("accuracy", "best-accuracy"), ("fmr", "shipped")):
        for kind, sides in expected.items():
            if kind != "models" and metric in ("f1", "accuracy"):
                sides = []  # they hang on the share of genuine comparisons, which cohorts do not have in common
            found = rows.filter(kind=kind, metric=metric, at=at, scale="difference")
            assert found.select(SIDES).rows() == sides, (kind, metric)


def test_what_is_compared(evaluation):
    asked = evaluation.differences.filter(kind="models", cohort_a="all").select("metric", "at").unique().rows()
    assert set(asked) == {
        ("auc", ""), ("eer", ""), ("f1", "best-f1"), ("accuracy", "best-accuracy"),
        ("tar", "fmr=0.01"), ("tar", "fmr=0.001"), ("fnmr", "fmr=0.01"), ("fnmr", "fmr=0.001"),
        ("fmr", "shipped"), ("fnmr", "shipped"), ("fmr", "all@fmr=0.001"), ("fnmr", "all@fmr=0.001"),
    }  # fmt: skip


def test_values_are_those_of_the_metrics(evaluation):
    for row in evaluation.differences.filter(pl.col("kind") != "gaps").iter_rows(named=True):
        for side in "ab":
            metric, flip = (
                ("tar", True) if row["metric"] == "fnmr" and row["at"].startswith("fmr=") else (row["metric"], False)
            )
            value = evaluation.value(metric, model=row[f"model_{side}"], cohort=row[f"cohort_{side}"], at=row["at"])
            assert row[f"value_{side}"] == pytest.approx(1 - value if flip else value)
        if row["value"] is not None:
            a, b = row["value_a"], row["value_b"]
            assert row["value"] == pytest.approx(a / b if row["scale"] == "ratio" else a - b)
    cohorts = evaluation.differences.filter(kind="cohorts", scale="difference")
    gaps = {
        (*row[:3], row[3], row[4]): row[5]
        for row in cohorts.select("metric", "at", "model_a", "cohort_a", "cohort_b", "value").rows()
    }
    for row in evaluation.differences.filter(kind="gaps").iter_rows(named=True):
        of = [gaps[row["metric"], row["at"], row[f"model_{side}"], row["cohort_a"], row["cohort_b"]] for side in "ab"]
        assert (row["value_a"], row["value_b"]) == pytest.approx(tuple(of))
        assert row["value"] == pytest.approx(of[0] - of[1], abs=1e-12)


def test_fnmr_at_a_fixed_fmr_is_what_the_true_accept_rate_leaves(evaluation):
    both = [
        evaluation.differences.filter(pl.col("at").str.starts_with("fmr="), metric=metric, scale="difference")
        for metric in ("tar", "fnmr")
    ]
    assert both[0].height == both[1].height > 0
    for tar, fnmr in zip(both[0].iter_rows(named=True), both[1].iter_rows(named=True), strict=True):
        assert [tar[side] for side in SIDES] == [fnmr[side] for side in SIDES]
        assert fnmr["value"] == pytest.approx(-tar["value"], abs=1e-12)
        if tar["p"] is not None:
            assert (fnmr["low"], fnmr["high"]) == pytest.approx((-tar["high"], -tar["low"]))
            assert fnmr["p"] == pytest.approx(tar["p"])


def test_p_values_are_adjusted_over_all_claims_of_a_kind(evaluation):
    """Difference and ratio, TAR and FNMR at one FMR are one claim, and count once."""
    for kind in ("models", "cohorts", "gaps"):
        rows = evaluation.differences.filter(kind=kind)
        once = {}
        for row in rows.filter(pl.col("p").is_not_null()).iter_rows(named=True):
            claim = (row["metric"].replace("tar", "fnmr"), row["at"], *(row[side] for side in SIDES))
            once.setdefault(claim, []).append((row["p"], row["p_holm"]))
        assert len(once) < rows.height
        assert any(len(views) > 1 for views in once.values())
        for views in once.values():
            assert np.array(views) == pytest.approx(np.array([views[0]] * len(views)))
        p, got = np.array([views[0] for views in once.values()]).T
        assert got == pytest.approx(holm(p))
    tested = evaluation.differences.filter(pl.col("p").is_not_null())
    assert (tested["p_holm"] > tested["p"]).any()


def test_a_claim_and_its_interval_say_the_same(evaluation):
    rows = evaluation.differences.filter(pl.col("p").is_not_null())
    assert rows.height > 100
    assert (rows["low"] < rows["value"]).all()
    assert (rows["value"] < rows["high"]).all()
    for row in rows.iter_rows(named=True):
        none = 1 if row["scale"] == "ratio" else 0
        assert (row["p"] < 0.05) == (not row["low"] <= none <= row["high"]), row
        half = row["high"] / row["value"] if none else row["high"] - row["value"]
        assert row["detectable"] > half, "80 % power asks for more than significance"
    untested = evaluation.differences.filter(pl.col("p").is_null())
    for name in ("low", "high", "p_holm", "detectable"):
        assert untested[name].is_null().all()
    said = map(method_text, untested.iter_rows(named=True))
    assert all(text.startswith(("not tested", "not resolvable")) for text in said)


def test_rates_of_cohorts_are_compared_as_ratios_too(evaluation):
    ratios = evaluation.differences.filter(scale="ratio")
    assert set(ratios["kind"]) == {"cohorts"}
    assert set(ratios["metric"]) == {"fmr", "fnmr"}
    twins = evaluation.differences.filter(pl.col("metric").is_in(["fmr", "fnmr"]), kind="cohorts", scale="difference")
    keys = ["metric", "at", *SIDES]
    assert sorted(ratios.select(keys).rows()) == sorted(twins.select(keys).rows())
    tested = ratios.filter(pl.col("p").is_not_null())
    assert tested.height > 10
    assert (tested["low"] > 0).all()
    assert (tested["detectable"] > 1).all()
    assert (tested["low"] < tested["value"]).all()
    assert (tested["value"] < tested["high"]).all()


def test_a_planted_difference_is_found_and_the_rest_is_not():
    evaluation = study({"same": 1.0, "worse": 1.6}, extra=(0, 0.8, 0), seed=3)
    rows = evaluation.differences.filter(metric="auc")
    assert (rows.filter(kind="models")["p_holm"] < 0.01).all()
    assert (rows.filter(kind="models")["low"] > 0).all(), "the first model is the better one"
    gap = rows.filter(kind="cohorts", model_a="same")
    by_pair = {(row["cohort_a"], row["cohort_b"]): row for row in gap.iter_rows(named=True)}
    assert by_pair["plain", "hard"]["low"] > 0
    assert by_pair["plain", "hard"]["p_holm"] < 0.01
    assert by_pair["hard", "new"]["high"] < 0
    assert by_pair["plain", "new"]["low"] < 0 < by_pair["plain", "new"]["high"]
    assert by_pair["plain", "new"]["p_holm"] > 0.05


def test_a_planted_difference_of_error_rates_is_found_as_a_ratio():
    evaluation = study({"m": 1.1}, extra=(0, 0.5, 0), seed=4)
    row = evaluation.differences.filter(
        metric="fnmr", at="shipped", scale="ratio", cohort_a="plain", cohort_b="hard"
    ).row(0, named=True)
    assert row["high"] < 1
    assert row["p_holm"] < 0.05
    assert evaluation.differences.filter(pl.col("kind") != "cohorts").is_empty()


def test_the_same_model_twice_gives_no_difference_and_no_claim():
    rng = np.random.default_rng(0)
    subject = np.repeat(np.arange(40), 4)
    vectors = (rng.normal(size=(40, 16))[subject] + rng.normal(size=(160, 16))).astype(np.float32)
    cohorts = [COHORTS[s % 2] for s in subject]
    frame = pl.DataFrame(
        {"path": [str(i) for i in range(160)], "subject": [f"s{s:02}" for s in subject], "cohort": cohorts}
    )
    manifest = Manifest(frame, COHORTS[:2], "study")
    embeddings = Embeddings(vectors, np.zeros(160, np.uint8), (None,) * 160, np.full((160, 4), np.nan, np.float32))
    scored = [
        facegap.score(
            embeddings,
            manifest,
            ModelSpec(name, "python", "1", "whole", 8, 16, Comparator.COSINE, threshold=0.3),
            workers=1,
        )
        for name in ("first", "second")
    ]
    rows = measure(scored, manifest).differences
    models = rows.filter(kind="models")
    assert models.height > 10
    assert (models["value"] == 0).all()
    assert (models["p"].fill_null(1) == 1).all()
    assert (rows.filter(kind="gaps")["value"].abs() < 1e-12).all()
    assert (rows.filter(kind="gaps")["p"].fill_null(1) == 1).all()
    assert rows.filter(kind="cohorts", metric="auc")["p"].is_not_null().all()


def test_models_are_compared_over_the_images_that_all_could_embed():
    failed = {"one": range(0, 360, 9), "two": range(4, 360, 11)}
    rows = study({"one": 1.0, "two": 1.2}, failed=failed).differences
    assert set(rows.filter(kind="cohorts")["images"]) == {"own"}
    assert set(rows.filter(pl.col("kind").is_in(["models", "gaps"]))["images"]) == {"common"}
    assert rows.filter(kind="models", metric="auc")["p"].is_not_null().all()


def test_f1_of_cohorts_is_compared_at_a_stated_share_of_genuine_comparisons_or_not_at_all():
    """Alike people in cohorts of unequal size have another F1: of few people's comparisons more are genuine."""
    without, stated = study({"m": 1.1}), study({"m": 1.1}, genuine_share=0.2)
    for evaluation in (without, stated):
        prevalent = evaluation.differences.filter(pl.col("metric").is_in(["f1", "accuracy"]), kind="cohorts")
        assert set(prevalent["at"]) == (set() if evaluation is without else {"best-f1, share=0.2"})
    row = stated.differences.filter(metric="f1", kind="cohorts").row(0, named=True)
    assert row["p"] is not None
    assert row["low"] < row["value"] < row["high"]


def test_two_areas_near_one_are_shown_and_not_claimed():
    evaluation = study({"one": 0.45, "two": 0.5})
    rows = evaluation.differences.filter(metric="auc")
    assert (evaluation.metrics.filter(metric="auc", probe_cohort="plain")["value"] > 0.995).all()
    assert rows["p"].is_null().all()
    assert all("above 0.995" in method_text(row) for row in rows.iter_rows(named=True))
    assert evaluation.row("auc", model="one", cohort="plain")["low"] is not None
