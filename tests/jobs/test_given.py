"""Scores and embeddings that models gave elsewhere, beside images, beside each other and alone."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

import facegap
from facegap.data.comparator import Comparator
from facegap.errors import FacegapError
from facegap.jobs.evaluating import evaluate
from facegap.jobs.study import Study
from facegap.models import parse_given
from facegap.report.text.failures import detail_text
from facegap.report.text.findings import shown_findings


class People:
    """Embeddings of 20 subjects with 3 images each by two models, and the scores of the second one."""

    def __init__(self) -> None:
        rng = np.random.default_rng(2)
        self.subject = np.repeat([f"s{s:02}" for s in range(20)], 3)
        self.path = np.array([f"photos/{s}/{k % 3}.jpg" for k, s in enumerate(self.subject)])
        people = np.repeat(rng.normal(size=(20, 8)), 3, axis=0)
        self.old, self.new = (
            (people + noise * rng.normal(size=people.shape)).astype(np.float32) for noise in (1.2, 0.8)
        )
        self.a, self.b = np.triu_indices(60, 1)

    def save(self, path: Path, vectors: np.ndarray, rows: np.ndarray | slice = slice(None), **more) -> Path:
        np.savez(path, embedding=vectors[rows], subject=self.subject[rows], path=self.path[rows], **more)
        return path

    def scores(self, path: Path, keep: np.ndarray | slice = slice(None), *, flip: bool = False) -> Path:
        score = Comparator.COSINE.similarity(self.new[self.a], self.new[self.b])
        a, b = (self.b, self.a) if flip else (self.a, self.b)
        rows = {"path_a": self.path[a], "path_b": self.path[b], "score": [f"{x:.9g}" for x in score]}
        rows |= {"subject_a": self.subject[a], "subject_b": self.subject[b]}
        pl.DataFrame({name: np.array(values)[keep] for name, values in rows.items()}).write_csv(path)
        return path


def value(evaluation: facegap.Evaluation, model: str, metric: str = "auc", images: str = "own") -> float:
    return evaluation.value(metric, model=model, cohort=evaluation.cohorts["cohort"][0], images=images)


def test_two_saved_models_are_compared_with_each_other(tmp_path: Path) -> None:
    people = People()
    order = np.random.default_rng(0).permutation(60)
    old, new = people.save(tmp_path / "old.npz", people.old), people.save(tmp_path / "new.npz", people.new, order)
    found = evaluate(Study([], [f"old={old},threshold=0.4", f"new={new}"]))
    assert found.models["model"].to_list() == ["old", "new"]
    assert found.models["threshold"].to_list() == [0.4, None]
    for name, path in (("old", old), ("new", new)):
        assert value(found, name) == value(evaluate(Study([path])), "saved embeddings")
    (row,) = found.differences.filter(kind="models", metric="auc").to_dicts()
    assert row["p"] < 0.05
    assert found.row("fnmr", model="old", cohort="old", at="shipped")["n_errors"] > 0


def test_a_file_of_more_images_is_passed_over_and_of_fewer_has_failures(tmp_path: Path) -> None:
    people = People()
    old = people.save(tmp_path / "old.npz", people.old, slice(0, 57))
    new = people.save(tmp_path / "new.npz", people.new, slice(3, 60))
    found = evaluate(Study([old], [f"old={old}", f"new={new}"]))
    (message,) = (one.text for one in shown_findings(found) if "passed over 3 images" in one.text)
    assert message.startswith(str(new))
    assert found.failures["path"].to_list() == people.path[:3].tolist()
    assert {detail_text(row) for row in found.failures.iter_rows(named=True)} == {"not in the file of new"}
    assert set(found.metrics["images"]) == {"own", "common"}


def test_scores_beside_embeddings_of_the_same_images(tmp_path: Path) -> None:
    people = People()
    old, scores = people.save(tmp_path / "old.npz", people.old), people.scores(tmp_path / "scores.csv", flip=True)
    found = evaluate(Study([old], [f"old={old}", f"vendor={scores}"]))
    expected = evaluate(Study([people.save(tmp_path / "new.npz", people.new)]))
    assert value(found, "vendor") == pytest.approx(value(expected, "saved embeddings"), rel=1e-9)
    own, other = (e.row("auc", model=m, cohort=c) for e, m, c in (
        (found, "vendor", "old"), (expected, "saved embeddings", "new")))  # fmt: skip
    assert [own["low"], own["high"]] == pytest.approx([other["low"], other["high"]], rel=1e-6)
    assert set(found.metrics["images"]) == {"own"}, "both models made all comparisons"
    (row,) = found.differences.filter(kind="models", metric="auc").to_dicts()
    assert row["low"] is not None


def test_a_missing_score_is_a_failure_and_models_are_compared_on_what_both_made(tmp_path: Path) -> None:
    people = People()
    keep = np.random.default_rng(1).random(len(people.a)) < 0.9
    old, scores = people.save(tmp_path / "old.npz", people.old), people.scores(tmp_path / "scores.csv", keep)
    study = Study([old], [f"old={old}", f"vendor={scores}"], failures="rejected")
    found = evaluate(study)
    lost = int((~keep).sum())
    assert any(
        one.text.startswith(f"vendor: {lost} of 1,770 comparisons have no score") for one in shown_findings(found)
    )
    same = people.subject[people.a] == people.subject[people.b]
    rejected = found.row("genuine", model="vendor", cohort="old")
    assert rejected["value"] == same.sum(), "failed comparisons are rejected, not left out"
    for model in ("old", "vendor"):
        common = found.row("genuine", model=model, cohort="old", images="common")
        assert common["value"] == (same & keep).sum()
    left_out = evaluate(Study([old], [f"vendor={scores}"]))
    assert left_out.row("genuine", model="vendor", cohort="old")["value"] == (same & keep).sum()


def test_two_black_boxes_are_compared_on_the_same_list(tmp_path: Path) -> None:
    people = People()
    first = people.scores(tmp_path / "first.csv", slice(0, 1700))
    second = people.scores(tmp_path / "second.csv", slice(100, 1770))
    found = evaluate(Study([], [f"a={first}", f"b={second}"]))
    assert set(found.metrics["images"]) == {"own", "common"}
    both = [found.value("auc", model=m, cohort="first", images="common") for m in "ab"]
    assert both[0] == both[1]


def test_scores_stand_beside_models_on_a_list_of_pairs(tmp_path: Path) -> None:
    colours = np.random.default_rng(0).integers(0, 256, (4, 1, 1, 3))
    for k in range(8):
        image = np.broadcast_to(colours[k // 2], (32, 32, 3)).astype(np.uint8)
        Image.fromarray(image).save(tmp_path / f"{k}.png")
    rows = [(a, b, int(a // 2 == b // 2), 50 - 7 * a + b) for b in range(8) for a in range(b)]
    lines = ["path_a,path_b,same,score", *(f"{a}.png,{b}.png,{same},{score}" for a, b, same, score in rows)]
    (tmp_path / "list.csv").write_text("\n".join(lines))
    spec = facegap.ModelSpec("own", "python", "1", "whole", 32, 12, Comparator.COSINE)
    model = facegap.Model(embed=lambda crops: crops[:, :2, :2].reshape(len(crops), 12).astype(np.float32), spec=spec)
    alone = evaluate(Study([tmp_path / "list.csv"], [model], store=tmp_path / "store"))
    assert any("passed over the columns score; models are run" in one.text for one in shown_findings(alone))
    given = f"vendor={tmp_path / 'list.csv'},scores=similarity"
    found = evaluate(Study([tmp_path / "list.csv"], [model, given], store=tmp_path / "store"))
    assert found.models["model"].to_list() == ["own", "vendor"]
    for name in ("own", "vendor"):
        assert found.row("impostor", model=name, cohort="list")["value"] == len(rows) - 4


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x=absent.npz", "does not exist"),
        ("x=here.csv,threshold=loose", "threshold=loose is no number"),
        ("x=here.csv,scores=euclidean", "choose one of similarity, distance"),
        ("x=here.csv,comparator=distance", "choose one of euclidean, cosine"),
    ],
)
def test_models_that_make_no_sense_are_refused(tmp_path: Path, monkeypatch, text: str, reason: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.csv").write_text("path_a,path_b,score,same\na,b,1,1\n")
    with pytest.raises(FacegapError, match=reason):
        parse_given(text)


def test_other_models_are_left_to_others(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"")
    assert [parse_given(text) for text in ("dlib", "dlib:w.dat", "x=dlib", f"x={tmp_path / 'm.onnx'}")] == [None] * 4


def test_scores_of_other_images_are_refused(tmp_path: Path) -> None:
    people = People()
    old = people.save(tmp_path / "old.npz", people.old)
    people.path = np.char.add("elsewhere_", np.char.replace(people.path, "/", "_"))
    scores = people.scores(tmp_path / "scores.csv")
    with pytest.raises(FacegapError, match="none of its 60 images is among those of old"):
        evaluate(Study([old], [f"vendor={scores}"]))
