"""`--explain` from inputs to the report: embeddings whose quality is known, and drawn faces that were blurred."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image
from studies.causes import CAUSES, Cause, photos

import facegap
from facegap.data.comparator import Comparator
from facegap.data.evaluation import Evaluation
from facegap.data.explanation import Explanation
from facegap.data.manifest import Manifest
from facegap.errors import InputError
from facegap.jobs.collect import collect
from facegap.jobs.embed_study import with_columns
from facegap.metrics.explaining import Measured
from facegap.report.page.writer import write_report
from facegap.report.tables.why_tables import measure_tables
from facegap.report.text.why import why_sentences
from facegap.synthetic import write_population
from measures.made import shots


def write(folder: Path, cause: Cause, **columns) -> Path:
    """Write two cohorts of embeddings, `worse` with the cause, with their quality as a column."""
    rng = np.random.default_rng(5)
    sides = {"usual": photos(cause, False, rng), "worse": photos(cause, True, rng)}
    parts = {
        "embedding": [v for v, _, _ in sides.values()],
        "subject": [[f"{name}{s}" for s in subject] for name, (_, subject, _) in sides.items()],
        "group": [[name] * len(subject) for name, (_, subject, _) in sides.items()],
        "quality": [measured[:, 0] for _, _, measured in sides.values()],
    }
    made = {name: np.concatenate(part) for name, part in parts.items()}
    made |= {name: make(made["group"]) for name, make in columns.items()}
    np.savez(folder / "saved.npz", **made)
    return folder / "saved.npz"


def study(path: Path, **options) -> facegap.Study:
    return facegap.Study(inputs=[path], **{"explain": True, "cohort_by": ["group"], **options})


BOTH = replace(CAUSES[2], subjects=50)


@pytest.fixture(scope="module")
def explained(tmp_path_factory) -> Evaluation:
    folder = tmp_path_factory.mktemp("saved")
    path = write(
        folder, BOTH,
        same=lambda group: np.ones(len(group)),
        year=lambda group: np.where(group == "worse", 1990.0, 2020.0),
        lacking=lambda group: np.where(np.arange(len(group)) % 3 == 0, np.nan, 1.0 * np.arange(len(group))),
        camera=lambda group: np.resize(["old", "new"], len(group)),
        taken=lambda group: np.resize(["2019-05-02", "2021-11-30"], len(group)),
        infinite=lambda group: np.where(np.arange(len(group)) % 3 == 0, np.inf, 1.0 * np.arange(len(group))),
        huge=lambda group: np.linspace(-1e300, 1e300, len(group)),
        nothing=lambda group: np.full(len(group), np.nan),
        coded=lambda group: 1.0 * (group == "worse"),
    )  # fmt: skip
    return facegap.evaluate(study(path))


def test_a_column_of_the_table_is_a_measure(explained):
    why = explained.explanation
    rows = {row["measure"]: row for row in why.balance.iter_rows(named=True)}
    assert rows["quality"]["before"] == pytest.approx(-BOTH.camera, abs=0.3)
    assert abs(rows["quality"]["after"]) < 0.25
    reasons = {name: row["reason"] for name, row in rows.items()}
    assert reasons == {
        "quality": "", "same": "constant", "year": "no-overlap", "lacking": "missing", "camera": "missing",
        "taken": "missing", "infinite": "missing", "huge": "missing", "nothing": "missing", "coded": "no-overlap",
        "embedding_norm": "",
    }  # fmt: skip
    described = why.measures.filter(measure="lacking", cohort="usual").row(0, named=True)
    assert 0 < described["missing"] < described["images"] == 200
    assert "lacking" not in why.discards["measure"].to_list()  # the error rates of some images are not the cohort's
    numbers = [row[end] for name, row in rows.items() for end in ("before", "after") if reasons[name]]
    assert set(numbers) == {None}
    assert not set(why.gaps["measures"].explode()) & {name for name, reason in reasons.items() if reason}


def test_the_parts_of_every_gap_add_up_and_agree_with_the_metrics(explained):
    gaps = explained.explanation.gaps
    together = gaps.unique(["metric", "at"], keep="first", maintain_order=True)
    assert together["measures"].to_list() == [["quality"]] * len(together)
    assert set(together["metric"]) >= {"auc", "tar", "fnmr", "fmr"}
    for row in together.iter_rows(named=True):
        known = explained.value(row["metric"], model="saved embeddings", cohort="worse", at=row["at"])
        assert row["value"] == pytest.approx(known, abs=1e-9)
        if not row["reason"]:
            assert row["with_measures"] + row["rest"] == pytest.approx(row["total"])
            assert row["with_measures_low"] < row["with_measures"] < row["with_measures_high"]
    auc = together.row(by_predicate=pl.col("metric") == "auc", named=True)
    assert auc["total"] < auc["total_high"] < 0


def test_what_refusing_poor_images_does_is_between_none_and_all(explained):
    points = explained.explanation.discards.filter(measure="quality", kind="point", metric="fnmr", cohort="worse")
    assert points["discarded"].is_sorted()
    assert points["discarded"][0] == 0
    at = points["at"][0]
    known = explained.value("fnmr", model="saved embeddings", cohort="worse", at=at)
    assert points["value"][0] == pytest.approx(known, abs=1e-12)
    assert (points["low"].fill_null(0) <= points["value"]).all()
    area = explained.explanation.discards.filter(measure="quality", kind="area", metric="fnmr", cohort="worse")
    assert points["value"].min() <= area["value"][0] <= points["value"].max()


@pytest.mark.slow
def test_a_report_says_why_in_words_and_keeps_the_numbers(explained, tmp_path):
    sentence = why_sentences(explained)[1]
    assert sentence.startswith("saved embeddings: of the 0.")
    assert "by which AUC is lower on worse than on usual" in sentence
    assert "goes with" in sentence
    page = write_report(explained, tmp_path / "report", images=False, charts=()).read_text()
    assert 'id="why"' in page
    assert sentence in page
    assert "do not overlap" in page
    read = Evaluation.from_json((tmp_path / "report" / "evaluation.json").read_bytes())
    assert read.to_json() == explained.to_json()
    assert read.explanation.gaps.equals(explained.explanation.gaps)


def test_what_makes_the_cohorts_is_no_measure_of_their_images():
    columns = {"path": "1", "subject": "2", "cohort": "0-17, f", "age": 7, "sex": "f", "year": 1999}
    manifest = Manifest(pl.DataFrame({name: [value] for name, value in columns.items()}), ("0-17, f",), "made")
    nothing = Measured((), np.empty((1, 0)))
    for cohort_by, left in ((["age:0-17,18-", " sex "], ["year"]), ((), ["age", "sex", "year"])):
        assert [one.name for one in with_columns(nothing, manifest, cohort_by).measures] == left


def test_what_an_older_facegap_explained_is_read(explained):
    plain = explained.explanation.plain()
    older = plain | {"balance": {name: c for name, c in plain["balance"].items() if not name.endswith("_spread")}}
    assert Explanation.read(plain).balance["before_spread"].null_count() < len(plain["balance"]["measure"])
    read = Explanation.read(older)
    assert read.balance["before_spread"].null_count() == len(read.balance)
    assert read.balance.drop("before_spread", "after_spread").to_dict(as_series=False) == older["balance"]


def test_a_table_shows_what_was_measured_in_plain_numbers(explained):
    (table,) = measure_tables(explained)
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    assert rows["year"][:3] == ["1990 ± 0", "2020 ± 0", "–"]
    assert rows["quality"][0].startswith("−")
    no_number = "more than 5 % of a cohort's images have no number in it"
    assert rows["camera"] == rows["huge"] == ["–", "–", "–", "–", no_number]


def test_nothing_is_said_or_written_where_nobody_asked(tmp_path):
    evaluation = facegap.evaluate(study(write(tmp_path, BOTH), explain=False))
    assert not evaluation.explanation
    assert why_sentences(evaluation) == []
    assert "explanation" not in json.loads(evaluation.to_json())


def test_one_cohort_has_no_gap_to_take_apart(tmp_path):
    evaluation = facegap.evaluate(study(write(tmp_path, replace(BOTH, subjects=6)), cohort_by=[]))
    assert why_sentences(evaluation) == [
        "There is no gap to take apart: only one cohort has images that can be compared."
    ]
    page = write_report(evaluation, tmp_path / "report", images=False, charts=()).read_text()
    assert "What was measured" in page
    assert "Matched comparisons" not in page


def test_scores_alone_cannot_be_explained(tmp_path):
    lines = [f"{a},{b},{a[0]},{b[0]},{0.5 + (a[0] == b[0]) / 3}" for a in ("x1", "y1") for b in ("x2", "y2")]
    (tmp_path / "scores.csv").write_text("\n".join(["path_a,path_b,subject_a,subject_b,score", *lines]))
    with pytest.raises(InputError, match="leave --explain out"):
        facegap.evaluate(facegap.Study(inputs=[tmp_path / "scores.csv"], explain=True))


@pytest.mark.parametrize("anonymous", [False, True])
def test_columns_are_no_measures_of_an_anonymous_study(tmp_path, anonymous):
    """They may name somebody; what is measured of the images stays."""
    lines = []
    for i in range(4):
        Image.effect_noise((40, 40), 50 + i).save(tmp_path / f"{i}.png")
        lines.append(f"{i}.png,s{i // 2},{1980 + i}")
    (tmp_path / "t.csv").write_text("\n".join(["path,subject,born", *lines]))
    spec = facegap.ModelSpec("seen", "python", "1", "whole", 8, 24, Comparator.COSINE)
    model = facegap.Model(embed=lambda crops: crops.mean(axis=2).reshape(len(crops), -1).astype(np.float32), spec=spec)
    study = facegap.Study([tmp_path / "t.csv"], [model], store=tmp_path, explain=True, anonymous=anonymous)
    found = collect(study).measured
    assert found is not None
    assert ("born" in [one.name for one in found.measures]) is not anonymous
    assert "sharpness" in [one.name for one in found.measures]
    assert found.values.shape == (4, len(found.measures))


@pytest.mark.slow
def test_drawn_faces_that_were_all_blurred_are_not_compared_with_sharp_ones(tmp_path):
    for name, seed, blur in (("clear", 1, 0.5), ("soft", 2, 2.6)):
        with shots(blur=blur, noise=0.004, jpeg_quality=90):
            write_population(tmp_path / name, subjects=14, images=3, spread=0.8, seed=seed, size=128, prefix=name)
    inputs = [f"{name}={tmp_path / name}" for name in ("clear", "soft")]
    evaluation = facegap.evaluate(facegap.Study(inputs=inputs, models=["dlib"], explain=True, store=tmp_path / "store"))
    why = evaluation.explanation
    assert why.balance.filter(measure="sharpness")["reason"].to_list() == ["no-overlap"]
    assert not why.gaps.filter(pl.col("measures").list.contains("sharpness")).height
    assert "the images of soft and clear are so different in" in why_sentences(evaluation)[0]


def test_cohorts_whose_pictures_do_not_overlap_are_said_to_differ_so(explained):
    apart = [one for one in why_sentences(explained) if "hardly any are alike" in one]
    assert apart == [
        "saved embeddings: the images of worse and usual are so different in year and coded that hardly any are "
        "alike: what goes with that is not known, and stands among what does not go with the measures."
    ]
