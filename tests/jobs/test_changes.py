"""What moved between two reports: a planted regression is found, and nothing between a run and its repeat."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.evaluation import Evaluation
from facegap.errors import InputError
from facegap.jobs.changes import changes, only_in
from facegap.jobs.check import Verdict, check, not_worse

Saved = Callable[..., Path]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """Return a function that saves embeddings of 60 subjects in two cohorts, with noise added or people exchanged."""
    folder = tmp_path_factory.mktemp("saved")

    def saved(name: str, noise: float = 0.0, *, seed: int = 3, first: int = 0, without: int = 0) -> Path:
        rng = np.random.default_rng(seed)
        subject = np.repeat(np.arange(60), rng.integers(2, 7, 60))
        vectors = rng.normal(size=(60, 16))[subject] + 0.7 * rng.normal(size=(len(subject), 16))
        vectors += noise * np.random.default_rng(len(name)).normal(size=vectors.shape)
        kept = slice(without, None)
        names = np.array([f"s{number + first:03}" for number in subject])
        group = np.array(["a", "b"])[subject % 2]
        path = np.array([f"{subject}-{k}.png" for k, subject in enumerate(names)])
        columns = {"embedding": vectors.astype(np.float32), "subject": names, "sex": group, "path": path}
        np.savez(folder / f"{name}.npz", **{key: column[kept] for key, column in columns.items()})
        return folder / f"{name}.npz"

    return saved


def evaluated(*paths: Path, **options) -> Evaluation:
    inputs = [f"people={path}" for path in paths]
    return facegap.evaluate(facegap.Study(inputs=inputs, cohort_by=["sex"], **options))


@pytest.fixture(scope="module")
def last(saved: Saved) -> Evaluation:
    return evaluated(saved("last"))


@pytest.fixture(scope="module")
def worse(saved: Saved) -> Evaluation:
    return evaluated(saved("noisy", 0.6))


def significant(table: pl.DataFrame) -> set[tuple[str, str]]:
    return set(table.filter(pl.col("p_holm") < 0.05).select("metric", "cohort_a").iter_rows())


def test_a_planted_regression_is_found(last: Evaluation, worse: Evaluation) -> None:
    found = changes(worse, last)
    assert set(found["pairing"]) == {"images"}
    assert ("auc", "all") in significant(found)
    assert ("tar", "all") in significant(found)
    assert found.filter(metric="auc", cohort_a="all")["value"].item() < 0
    assert not_worse(worse, last, "fnmr@fmr=1e-2", 0.01, cohorts=["all"]).verdict is Verdict.FAILS
    assert not_worse(last, worse, "fnmr@fmr=1e-2", 0.01).verdict is Verdict.HOLDS


def test_nothing_moved_between_a_run_and_its_repeat(saved: Saved, last: Evaluation) -> None:
    found = changes(evaluated(saved("again")), last)
    assert found.height > 20
    assert set(found["p_holm"]) == {1.0}
    assert set(found["value"]) | set(found["low"]) | set(found["high"]) == {0.0}
    assert not_worse(evaluated(saved("again")), last, "auc", 0).verdict is Verdict.HOLDS


def test_noise_of_the_same_size_is_no_regression(saved: Saved, worse: Evaluation) -> None:
    assert not significant(changes(evaluated(saved("noisy, drawn again", 0.6)), worse))


def test_two_reports_say_what_one_report_of_both_models_says(saved: Saved, last: Evaluation, worse: Evaluation) -> None:
    """Areas are the same to rounding. Of rates a pair of subjects is counted twice, which errs on the safe side."""
    both = evaluated(saved("last"), models=[f"new={saved('noisy', 0.6)}", f"old={saved('last')}"])
    inside = both.differences.filter(kind="models", cohort_b="all").select("metric", "at", "value", "p", "cohort_a")
    joined = changes(worse, last).join(inside, on=["metric", "at", "cohort_a"], suffix="_inside")
    assert {"auc", "tar", "eer"} <= set(joined["metric"])
    assert joined["value"].to_numpy() == pytest.approx(joined["value_inside"].to_numpy(), abs=1e-9)
    areas = joined.filter(metric="auc")
    assert areas["p"].to_numpy() == pytest.approx(areas["p_inside"].to_numpy(), rel=1e-3)
    assert (joined["p"] >= joined["p_inside"] * 0.999).all()


def test_what_the_tests_rest_on_is_said(saved: Saved, last: Evaluation) -> None:
    fewer, others = evaluated(saved("fewer", without=3)), evaluated(saved("others", seed=8, first=500))
    pairing = {row["cohort_a"]: row["pairing"] for row in changes(fewer, last).to_dicts()}
    assert pairing == {"a": "subjects", "b": "images", "all": "subjects"}
    assert not significant(changes(fewer, last))
    assert set(changes(others, last)["pairing"]) == {"none"}
    hanging = changes(others, last).filter(pl.col("metric").is_in(["f1", "accuracy"]))
    assert hanging.is_empty(), "they hang on how many comparisons are genuine"


def test_codes_of_other_images_name_nobody(saved: Saved) -> None:
    first, again, other = (
        evaluated(path, anonymous=True) for path in (saved("one"), saved("one"), saved("two", seed=8, first=500))
    )
    assert set(changes(again, first)["pairing"]) == {"images"}
    assert set(changes(other, first)["pairing"]) == {"none"}


def test_rules_hold_a_model_against_an_earlier_one(last: Evaluation, worse: Evaluation) -> None:
    rules = ["not_worse(saved embeddings, saved embeddings, auc, 0.01)", "auc[a] >= 0.5"]
    fails, holds = check(worse, rules, against=last)
    assert (fails.verdict, holds.verdict) == (Verdict.FAILS, Verdict.HOLDS)
    assert "saved embeddings is worse than saved embeddings before by more than 0.01" in fails.reason
    with pytest.raises(InputError, match="in the earlier report there is no model 'x': there are saved embeddings"):
        check(worse, ["not_worse(saved embeddings, x, auc, 0.01)"], against=last)


def test_what_cannot_be_compared_is_refused(saved: Saved, last: Evaluation) -> None:
    read = Evaluation.from_json(last.to_json())
    with pytest.raises(InputError, match=r"the old report \(.*\) does not hold what its subjects do"):
        changes(last, read)
    rejected = replace(last, provenance={**last.provenance, "failures": "rejected"})
    with pytest.raises(InputError, match="failures are excluded in the new report and rejected in the old one"):
        changes(last, rejected)
    renamed = replace(last, models=last.models.with_columns(model=pl.lit("x")))
    two = replace(last, models=pl.concat([last.models, renamed.models.with_columns(model=pl.lit("y"))]))
    with pytest.raises(InputError, match="the reports share no model: x; saved embeddings, y"):
        changes(renamed, two)
    assert list(only_in(renamed, two)) == [
        ("new", "model", "x"), ("old", "model", "saved embeddings"), ("old", "model", "y"),
    ]  # fmt: skip
