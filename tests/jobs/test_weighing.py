"""Every subject counts the same: asked of images, saved embeddings, lists and given scores, and said in the report."""

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

import facegap
from facegap.data.comparator import Comparator
from facegap.data.evaluation import Evaluation
from facegap.data.finding import FindingCode
from facegap.errors import InputError
from facegap.jobs.changes import changes


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return saved embeddings of 24 subjects in two cohorts, one of whom has most images and looks like others."""
    rng = np.random.default_rng(7)
    subject = np.repeat(np.arange(24), np.r_[25, rng.integers(2, 6, 23)])
    centre = rng.normal(size=(24, 12))
    centre[0] *= 0.3
    vectors = (centre[subject] + 0.7 * rng.normal(size=(len(subject), 12))).astype(np.float32)
    names, path = [f"s{s:02}" for s in subject], tmp_path_factory.mktemp("people") / "people.npz"
    group = np.array(["a", "b"])[subject % 2]
    np.savez(path, embedding=vectors, subject=names, sex=group, path=[f"{i:03}.png" for i in range(len(names))])
    return path


@pytest.fixture(scope="module")
def comparisons(people: Path) -> pl.DataFrame:
    """Return all comparisons, one a row, with their scores."""
    saved = np.load(people)
    vectors = saved["embedding"].astype(np.float64)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = [
        {
            **{f"{name}_{side}": str(saved[name][i]) for name in ("path", "subject", "sex") for side, i in sides},
            "score": float(np.float32(unit[sides[0][1]] @ unit[sides[1][1]])),
        }
        for sides in ((("a", i), ("b", j)) for i, j in combinations(range(len(unit)), 2))
    ]
    return pl.DataFrame(rows)


def evaluated(*inputs: Path, **options) -> Evaluation:
    asked = {"cohort_by": ["sex"], "weigh": "subjects", "metrics": [], **options}
    return facegap.evaluate(facegap.Study(inputs=[f"people={path}" for path in inputs], **asked))


def auc(evaluation: Evaluation, cohort: str) -> float:
    value = evaluation.value("auc", model=evaluation.models["model"][0], cohort=cohort)
    assert value is not None
    return value


def naive(comparisons: pl.DataFrame, threshold: float) -> dict[tuple[str, str], float]:
    """Return FMR and FNMR of each cohort and of all: means of the rates of pairs of subjects, and of subjects."""
    frame = comparisons.with_columns(
        accepted=pl.col("score") >= threshold,
        who=pl.concat_list(pl.min_horizontal("subject_a", "subject_b"), pl.max_horizontal("subject_a", "subject_b")),
    )
    found = {}
    for cohort in ("a", "b", "all"):
        inside = frame if cohort == "all" else frame.filter(sex_a=cohort, sex_b=cohort)
        for metric, same in (("fmr", False), ("fnmr", True)):
            kind = inside.filter((pl.col("subject_a") == pl.col("subject_b")) == same)
            accepted = kind.group_by("who").agg(pl.col("accepted").mean())["accepted"].mean()
            assert isinstance(accepted, float)
            found[metric, cohort] = 1 - accepted if same else accepted
    return found


def assert_weighed(evaluation: Evaluation, comparisons: pl.DataFrame) -> None:
    rows = evaluation.metrics.filter(pl.col("metric").is_in(["fmr", "fnmr"]), pl.col("threshold").is_not_null())
    rows = rows.filter(pl.col("probe_cohort") == pl.col("gallery_cohort"), pl.col("value").is_not_null())
    assert len(rows) >= 6
    for row in rows.iter_rows(named=True):
        expected = naive(comparisons, row["threshold"])[row["metric"], row["probe_cohort"]]
        assert row["value"] == pytest.approx(expected, abs=1e-9), row
        if row["low"] is not None:
            assert row["low"] <= row["value"] <= row["high"]


@pytest.fixture(scope="module")
def of_embeddings(people: Path) -> Evaluation:
    return evaluated(people)


def test_saved_embeddings(of_embeddings: Evaluation, comparisons: pl.DataFrame) -> None:
    assert_weighed(of_embeddings, comparisons)


def test_given_scores(comparisons: pl.DataFrame, tmp_path: Path, of_embeddings: Evaluation) -> None:
    comparisons.write_csv(tmp_path / "scores.csv")
    evaluation = evaluated(tmp_path / "scores.csv")
    assert_weighed(evaluation, comparisons)
    for cohort in ("a", "b"):
        mine, theirs = (auc(one, cohort) for one in (evaluation, of_embeddings))
        assert mine == pytest.approx(theirs, abs=1e-6)


def test_a_list_of_scores(comparisons: pl.DataFrame, tmp_path: Path) -> None:
    some = comparisons.sample(fraction=0.5, seed=1)
    some.write_csv(tmp_path / "scores.csv")
    assert_weighed(evaluated(tmp_path / "scores.csv"), some)


def embed(batch: np.ndarray) -> np.ndarray:
    return batch.reshape(len(batch), 2, 16, 2, 16, 3).mean(axis=(2, 4)).reshape(len(batch), 12).astype(np.float32)


def of_images(folder: Path, **options) -> Evaluation:
    spec = facegap.ModelSpec("mean", "python", "1", "whole", 32, 12, Comparator.EUCLIDEAN)
    models = [facegap.Model(embed=embed, spec=spec)]
    study = facegap.Study(inputs=[folder], models=models, store=folder.parent / "store", weigh="subjects", **options)
    return facegap.evaluate(study)


def test_images_and_their_sample(tmp_path: Path) -> None:
    rng, folder = np.random.default_rng(3), tmp_path / "photos"
    for s, images in enumerate([14, *[4] * 11]):
        colours = rng.integers(60, 190, (2, 2, 3))
        (folder / f"s{s:02}").mkdir(parents=True)
        for k in range(images):
            noisy = np.clip(colours + rng.normal(0, 30, colours.shape), 0, 255).astype(np.uint8)
            Image.fromarray(noisy).resize((32, 32), Image.Resampling.NEAREST).save(folder / f"s{s:02}" / f"{k}.png")
    full = of_images(folder)
    most = 58 * 57 // 2
    nearly_all = of_images(folder, pairs=most - 1)
    assert auc(nearly_all, "photos") == pytest.approx(auc(full, "photos"), abs=0.002)
    assert nearly_all.provenance["weigh"] == full.provenance["weigh"] == "subjects"


def test_the_report_says_it_and_doubts_no_heavy_subject(of_embeddings: Evaluation, people: Path) -> None:
    kinds = of_embeddings.findings["kind"].to_list()
    assert FindingCode.SUBJECTS_ALIKE.kind in kinds
    assert FindingCode.UNEVEN_SUBJECTS.kind not in kinds
    plain = evaluated(people, weigh="comparisons")
    assert FindingCode.UNEVEN_SUBJECTS.kind in plain.findings["kind"].to_list()
    assert "weigh" not in plain.provenance
    assert auc(plain, "a") != auc(of_embeddings, "a")


def test_reports_of_two_weighings_are_not_compared(of_embeddings: Evaluation, people: Path) -> None:
    with pytest.raises(InputError, match="make both with the same --weigh"):
        changes(of_embeddings, evaluated(people, weigh="comparisons"))


REFUSED: list[tuple[str, Callable[[pytest.MonkeyPatch], dict]]] = [
    ("--explain takes gaps apart in which every comparison counts the same", lambda _: {"explain": True}),
    ("lists comparisons one by one, 10 at most", lambda patch: patch.setattr("facegap.jobs.weighing.MOST", 10) or {}),
]


@pytest.mark.parametrize(("said", "options"), REFUSED)
def test_what_cannot_be_weighed_is_refused(
    said: str, options: Callable[[pytest.MonkeyPatch], dict], people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=said):
        evaluated(people, **options(monkeypatch))


def test_numbers_without_subjects_are_refused(tmp_path: Path) -> None:
    for name, higher in (("genuine", 1.0), ("impostor", 0.0)):
        scores = higher + np.random.default_rng(1).random(40)
        (tmp_path / f"{name}.txt").write_text("".join(f"{x:.4f}\n" for x in scores))
    with pytest.raises(InputError, match="needs to know who was compared"):
        facegap.evaluate(facegap.Study(inputs=[tmp_path / "genuine.txt"], weigh="subjects"))
