"""Templates against a naive loop: their means, who is compared, what fails, and the lists of IJB."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.manifest import Manifest
from facegap.data.source import Images, SavedEmbeddings
from facegap.data.spec import FaceSpec, ModelSpec
from facegap.data.templates import Templates
from facegap.datasets import label_findings, read_source
from facegap.errors import InputError
from facegap.jobs.collected import Collected, Made
from facegap.jobs.study import Study
from facegap.jobs.templates import pooled
from facegap.report.text.failures import failure_text
from facegap.report.text.findings import finding_text


def cosine(a, b) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def drawn(subjects=12, seed=0):
    """Return rows `path, subject, template, media` of some videos and photos, and a vector of each image."""
    rng, rows, vectors = np.random.default_rng(seed), [], []
    for s in range(subjects):
        centre = rng.normal(size=8)
        for template in range(3):
            for medium in range(rng.integers(1, 3)):
                for _ in range(rng.integers(1, 4)):
                    rows.append((f"{len(rows):03}.jpg", f"s{s:02}", f"t{template}", f"m{medium}"))
                    vectors.append((centre + rng.normal(size=8)) * rng.uniform(0.5, 3))
    return rows, np.array(vectors, np.float32)


def naive(rows, vectors, ok, *, unit):
    """Return the mean of each template by its subject and name, one plain loop after the other; None without any."""
    found = {}
    for subject, template in sorted({row[1:3] for row in rows}):
        means = []
        for medium in sorted({row[3] for row in rows if row[1:3] == (subject, template)}):
            some = []
            for row, vector, good in zip(rows, vectors.astype(np.float64), ok, strict=True):
                if row[1:] == (subject, template, medium) and good:
                    some.append(vector / np.linalg.norm(vector) if unit else vector)
            if some:
                means.append(sum(some) / len(some))
        found[subject, template] = sum(means) / len(means) if means else None
    return found


@pytest.mark.parametrize("unit", [True, False])
def test_means_are_those_of_a_loop(unit):
    rows, vectors = drawn()
    ok = np.random.default_rng(1).random(len(rows)) > 0.4
    vectors[~ok] = np.nan
    frame = pl.DataFrame(rows, ["path", "subject", "template", "media"], orient="row")
    templates = Templates.among(frame)
    expected = naive(rows, vectors, ok, unit=unit)
    named = [rows[row][1:3] for row in templates.first]
    assert sorted(named) == sorted(expected)
    assert any(mean is None for mean in expected.values())
    for name, mean in zip(named, templates.mean(vectors, ok, unit=unit), strict=True):
        if expected[name] is None:
            assert np.isnan(mean).all()
        else:
            assert mean == pytest.approx(expected[name], rel=1e-6)


def test_images_without_a_template_stand_alone_and_no_name_is_shared_by_subjects():
    frame = pl.DataFrame({"subject": list("aabbb"), "template": ["1", "1", "1", None, None]})
    templates = Templates.among(frame)
    assert templates.of.tolist() == [0, 0, 1, 2, 3]
    assert templates.first.tolist() == [0, 2, 3, 4]
    assert Templates.among(frame.drop("template")).trivial


def saved(path: Path, rows, vectors) -> Path:
    _, subject, template, media = zip(*rows, strict=True)
    np.savez(path, embedding=vectors, subject=subject, template=template, media=media)
    return path


def test_saved_embeddings_of_templates_are_compared_as_a_loop_compares_them(tmp_path):
    rows, vectors = drawn()
    said: list[str] = []
    path = saved(tmp_path / "videos.npz", rows, vectors)
    evaluation = facegap.evaluate(Study([path], intervals="none"), say=said.append)
    means = naive(rows, vectors, np.ones(len(rows), bool), unit=True)
    names = list(means)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    scores = {same: [cosine(means[a], means[b]) for a, b in pairs if (a[0] == b[0]) == same] for same in (True, False)}
    wins = np.mean([g > i for g in scores[True] for i in scores[False]])
    there = {"model": "saved embeddings", "cohort": "videos"}
    assert evaluation.value("images", **there) == len(names) == 36
    assert evaluation.value("genuine", **there) == len(scores[True]) == 36
    assert evaluation.value("auc", **there) == pytest.approx(wins, abs=1e-6)
    assert f"{len(rows)} embeddings in 36 templates of 12 subjects" in said[0]
    assert "unit length first" in said[-1]
    plain = facegap.evaluate(Study([path], intervals="none", template_mean="plain"))
    assert [one.provenance["mean of templates"] for one in (evaluation, plain)] == [
        "unit for cosine, plain for distances", "plain"
    ]  # fmt: skip
    assert plain.value("auc", **there) != evaluation.value("auc", **there)


def test_codes_in_place_of_names_change_no_number(tmp_path):
    rows, vectors = drawn()
    path = saved(tmp_path / "videos.npz", rows, vectors)
    named, coded = (facegap.evaluate(Study([path], intervals="none", anonymous=hide)) for hide in (False, True))
    assert named.metrics["value"].to_list() == coded.metrics["value"].to_list()
    assert named.value("images", model="saved embeddings", cohort="videos") == 36


def collected(rows, vectors, outcome, comparator=Comparator.COSINE) -> Collected:
    frame = pl.DataFrame(rows, ["path", "subject", "template", "media"], orient="row").with_columns(cohort=pl.lit("c"))
    vectors = np.where((outcome == Outcome.OK)[:, None], vectors, np.nan).astype(np.float32)
    embeddings = Embeddings(vectors, outcome, (None,) * len(rows), np.full((len(rows), 4), np.nan, np.float32))
    spec = ModelSpec("m", "python", "1", "whole", 8, 8, comparator)
    source = SavedEmbeddings(Manifest(frame.sort("subject"), ("c",), "s"), vectors)
    return Collected(source, [], [Made(spec, FaceSpec("none", ""), embeddings)])


def test_failures_inside_templates_are_counted():
    rows, vectors = drawn(subjects=3)
    outcome = np.zeros(len(rows), np.uint8)
    first = [i for i, row in enumerate(rows) if row[1:3] == ("s00", "t0")]
    second = [i for i, row in enumerate(rows) if row[1:3] == ("s02", "t0")]
    outcome[first], outcome[second[0]] = Outcome.NO_FACE, Outcome.UNREADABLE
    assert len(second) > 1
    found = pooled(collected(rows, vectors, outcome))
    made = found.made[0].embeddings
    assert made.outcome.tolist() == [Outcome.NO_FACE, *[Outcome.OK] * 8]
    said = failure_text(made.detail[0])
    assert said == f"none of the {len(first)} images of the template is usable: no face found in {len(first)}"
    (said,) = [finding_text(one) for one in found.manifest.findings if one.kind == "template-failures"]
    assert said == (
        f"m: {len(first) + 1} of {len(rows)} images failed, in 2 of 9 templates; templates without a usable image, "
        "which count as failed: 1"
    )
    assert len(found.hashes) == len(found.manifest) == 9


def test_by_default_distances_take_embeddings_as_they_are():
    rows, vectors = drawn(subjects=3)
    for comparator, unit in ((Comparator.COSINE, True), (Comparator.EUCLIDEAN, False)):
        found = pooled(collected(rows, vectors, np.zeros(len(rows), np.uint8), comparator))
        expected = naive(rows, vectors, np.ones(len(rows), bool), unit=unit)
        assert found.made[0].embeddings.vectors == pytest.approx(np.array(list(expected.values())), rel=1e-5)


def test_labels_and_draws_count_templates(tmp_path):
    rows, vectors = drawn()
    path = saved(tmp_path / "videos.npz", rows, vectors)
    rng = np.random.default_rng(0)
    two = read_source([path], most_images=2, rng=rng).manifest.frame
    assert two.group_by("subject").agg(pl.col("template").n_unique())["template"].to_list() == [2] * 12
    whole = pl.DataFrame(rows, ["path", "subject", "template", "media"], orient="row").group_by("subject", "template")
    sizes = {(s, t): n for s, t, n in whole.len().iter_rows()}
    for subject, template, n in two.group_by("subject", "template").len().iter_rows():
        assert n == sizes[subject, template], "a template is drawn whole"
    frame = pl.DataFrame({"path": list("abcd"), "subject": list("xxyy"), "template": list("1122"), "cohort": "c"})
    kinds = [one.kind for one in label_findings(Manifest(frame, ("c",), "s"))]
    assert kinds == ["single-image", "no-genuine"]


@pytest.fixture
def ijb(tmp_path) -> Path:
    """Write the two lists of IJB for templates of 12 subjects, with their images."""
    rows, _ = drawn()
    names = sorted({row[1:3] for row in rows})
    tid = {name: str(900 - k) for k, name in enumerate(names)}
    lines = [f"{path} {tid[subject, template]} {k // 2}" for k, (path, subject, template, _) in enumerate(rows)]
    (tmp_path / "face_tid_mid.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]][::2]
    listed = [f"{tid[a]} {tid[b]} {int(a[0] == b[0])}" for a, b in pairs]
    (tmp_path / "template_pair_label.txt").write_text("\n".join(listed) + "\n", encoding="utf-8")
    (tmp_path / "loose_crop").mkdir()
    for path, *_ in rows:
        (tmp_path / "loose_crop" / path).touch()
    return tmp_path


def test_the_lists_of_ijb(ijb):
    source = read_source(
        [ijb / "template_pair_label.txt"], templates=ijb / "face_tid_mid.txt", images=ijb / "loose_crop"
    )
    assert isinstance(source, Images)
    assert source.pairs is not None
    templates, frame = Templates.among(source.manifest.frame), source.manifest.frame
    assert len(templates.first) == 36
    assert np.isin(source.pairs.a, templates.first).all()
    listed = [line.split() for line in (ijb / "template_pair_label.txt").read_text(encoding="utf-8").splitlines()]
    a, b = (frame["template"].gather(side).to_list() for side in (source.pairs.a, source.pairs.b))
    assert list(zip(a, b, source.pairs.same.tolist(), strict=True)) == [(x, y, z == "1") for x, y, z in listed]
    assert "guessed-subjects" in {one.kind for one in source.manifest.findings}


@pytest.mark.parametrize("broken", ["900 899 7", "900 1 0", "900 900 1", "900 899"])
def test_a_broken_list_of_templates_is_refused(ijb, broken):
    with (ijb / "template_pair_label.txt").open("a", encoding="utf-8") as file:
        file.write(f"{broken}\n")
    with pytest.raises(InputError, match=r"template|fields"):
        read_source([ijb / "template_pair_label.txt"], templates=ijb / "face_tid_mid.txt", images=ijb / "loose_crop")


def test_lists_as_tables_with_subjects_and_cohorts_are_scored_as_a_loop_scores_them(tmp_path):
    rows, vectors = drawn()
    table = pl.DataFrame(rows, ["path", "subject", "template", "media"], orient="row")
    table = table.with_columns(sex=pl.when(pl.col("subject") < "s06").then(pl.lit("f")).otherwise(pl.lit("m")))
    table = table.with_columns(template=pl.col("subject") + pl.col("template"))
    table.write_csv(tmp_path / "images.csv")
    names = sorted(set(table["template"]))
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]][::3]
    listed = pl.DataFrame(pairs, ["template_a", "template_b"], orient="row")
    listed.with_columns(same=pl.col("template_a").str.head(3) == pl.col("template_b").str.head(3)).write_csv(
        tmp_path / "pairs.csv"
    )
    for path, *_ in rows:
        (tmp_path / path).touch()
    np.savez(tmp_path / "m.npz", embedding=vectors, subject=table["subject"], path=table["path"])
    study = Study([tmp_path / "pairs.csv"], [f"m={tmp_path / 'm.npz'}"], templates=tmp_path / "images.csv",
                  cohort_by=["sex"], intervals="none")  # fmt: skip
    evaluation = facegap.evaluate(study)
    means = {s + t: mean for (s, t), mean in naive(rows, vectors, np.ones(len(rows), bool), unit=True).items()}
    inside = [(a, b) for a, b in pairs if a < "s06" and b < "s06"]
    scores = {
        same: [cosine(means[a], means[b]) for a, b in inside if (a[:3] == b[:3]) == same] for same in (True, False)
    }
    wins = np.mean([g > i for g in scores[True] for i in scores[False]])
    assert list(evaluation.cohorts["cohort"]) == ["f", "m", "all"]
    assert evaluation.value("auc", model="m", cohort="f") == pytest.approx(wins, abs=1e-6)
    assert "guessed-subjects" not in set(evaluation.findings["kind"])
