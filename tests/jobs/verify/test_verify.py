"""Every two images are decided on as a product would, and what cannot be decided is said."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import facegap
from facegap.data.comparator import Comparator
from facegap.report.text.failures import failure_text
from facegap.report.text.verdict import verdicts
from facegap.report.text.verification import false_match_text, notes, ratio_text, warnings

SIZE = 8


def mean_colour(crops: np.ndarray) -> np.ndarray:
    return crops.mean(axis=(1, 2), dtype=np.float32)


def colours(threshold: float | None = 30.0) -> facegap.Model:
    """Return a model that knows an image by its mean colour; the distance is in levels of grey."""
    spec = facegap.ModelSpec("colours", "python", "1", "whole", SIZE, 3, Comparator.EUCLIDEAN, threshold=threshold)
    return facegap.Model(embed=mean_colour, spec=spec)


def picture(path: Path, *colour: int) -> Path:
    Image.new("RGB", (SIZE, SIZE), colour).save(path)
    return path


@pytest.fixture
def red(tmp_path) -> Path:
    return picture(tmp_path / "red.png", 200, 0, 0)


@pytest.fixture
def rose(tmp_path) -> Path:
    return picture(tmp_path / "rose.png", 200, 20, 0)


@pytest.fixture
def blue(tmp_path) -> Path:
    return picture(tmp_path / "blue.png", 0, 0, 200)


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> Path:
    """Thirty subjects of four images each, whose colours vary."""
    folder, rng = tmp_path_factory.mktemp("people"), np.random.default_rng(0)
    for subject in range(30):
        (folder / f"s{subject:02}").mkdir()
        own = rng.integers(20, 236, 3)
        for image in range(4):
            picture(folder / f"s{subject:02}" / f"{image}.png", *(own + rng.integers(-20, 21, 3)).tolist())
    return folder


def evaluated(people: Path, threshold: float | None = 30.0, **options) -> facegap.Evaluation:
    models = [colours(threshold)]
    return facegap.evaluate(facegap.Study(inputs=[people], models=models, store=people.parent / "store", **options))


@pytest.fixture(scope="module")
def report(people) -> facegap.Evaluation:
    return evaluated(people)


def test_every_two_images_are_decided_by_the_shipped_threshold(red, rose, blue):
    found = facegap.verify([red, rose, blue, red], colours())
    pairs = [(Path(one.path_a).stem, Path(one.path_b).stem, one.same) for one in found.comparisons]
    assert pairs == [("red", "rose", True), ("red", "blue", False), ("rose", "blue", False)]
    assert found.comparisons[0].score == pytest.approx(20)
    assert found.threshold is not None
    assert (found.threshold.value, found.threshold.fmr) == (30.0, None)
    assert not found.all_same
    assert facegap.verify([red, rose], colours()).all_same
    assert notes(found) == ["Threshold: same person at a distance of at most 30, as colours ships it."]


def test_a_score_at_the_threshold_is_accepted(red, rose):
    assert facegap.verify([red, rose], colours(20.0)).all_same
    assert not facegap.verify([red, rose], colours(19.99)).all_same


def test_without_a_threshold_there_is_a_score_and_no_decision(red, rose):
    found = facegap.verify([red, rose], colours(None))
    (one,) = found.comparisons
    assert (one.same, one.score) == (None, pytest.approx(20))
    assert not found.all_same
    assert "ships no threshold, so nothing is decided" in notes(found)[0]


def test_an_image_that_fails_is_an_outcome(red, rose, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"no image")
    found = facegap.verify([red, tmp_path / "broken.jpg", rose], colours())
    assert [photo.outcome for photo in found.photos] == ["ok", "unreadable", "ok"]
    assert failure_text(found.photos[1].why) == "not an image in a format that is read"
    assert [one.same for one in found.comparisons] == [None, True, None]
    assert found.comparisons[0].score is None
    assert not found.all_same


def test_images_that_are_no_two_files_are_refused(red, tmp_path):
    with pytest.raises(facegap.InputError, match=r"absent\.png is no file"):
        facegap.verify([red, tmp_path / "absent.png"], colours())
    with pytest.raises(facegap.InputError, match="1 image to compare: give two or more"):
        facegap.verify([red, red], colours())
    with pytest.raises(facegap.InputError, match="images takes a list"):
        facegap.verify(red, colours())


def test_nothing_is_kept_unless_there_is_a_store(red, rose, tmp_path, monkeypatch):
    monkeypatch.setenv("FACEGAP_STORE", str(tmp_path / "usual"))
    facegap.verify([red, rose], colours())
    assert not (tmp_path / "usual").exists()
    facegap.verify([red, rose], colours(), store=facegap.EmbeddingStore(tmp_path / "kept"))
    assert list((tmp_path / "kept").rglob("*.parquet"))


def test_a_report_gives_the_threshold_and_the_rate(report, red, rose, blue):
    found = facegap.verify([red, rose, blue], colours(), report=report, fmr=1e-2)
    row = report.row("tar", model="colours", cohort=found.cohort, at="fmr=0.01")
    assert row is not None
    assert found.threshold is not None
    assert (found.threshold.value, found.threshold.fmr) == (row["threshold"], 1e-2)
    assert (found.subjects, found.level) == (30, 0.95)
    near, far = found.comparisons[:2]
    assert near.false_match.fmr < 0.1 < far.false_match.low <= far.false_match.fmr
    assert false_match_text(near.false_match).startswith(("0", "<"))
    said = " ".join(notes(found))
    assert f"chosen for FMR 0.01 in {found.cohort} (30 subjects)" in said
    assert "in brackets 95 % intervals" in said


def test_a_rate_that_is_not_resolved_is_said_to_be(report, red, tmp_path):
    twin = picture(tmp_path / "twin.bmp", 200, 0, 0)
    found = facegap.verify([red, twin], colours(), report=report)
    impostor = int(report.value("impostor", model="colours", cohort=found.cohort) or 0)
    text = false_match_text(found.comparisons[0].false_match)
    assert text.startswith(f"< 1 in {impostor // 10:,} (≤ ")
    assert "Lower rates are not resolvable with 30 subjects." in notes(found)


@pytest.mark.parametrize("intervals", ["influence", "none"])
@pytest.mark.parametrize(
    ("threshold", "metric", "said"),
    [
        (250.0, "fmr", "The threshold 250 accepts"),
        (1.0, "fnmr", "The threshold 1 rejects"),
        (30.0, "", ""),
    ],
)
def test_a_shipped_threshold_is_unusable_where_the_report_says_so(
    people, red, rose, threshold, metric, said, intervals
):
    report = evaluated(people, threshold, intervals=intervals)
    found = facegap.verify([red, rose], colours(threshold), report=report)
    assert [rate.metric for rate in found.rates if rate.unusable] == ([metric] if metric else [])
    assert found.usable is (not metric) is ("unusable" not in " ".join(map(str, verdicts(report))))
    assert [rate.metric for rate in found.rates] == ["fmr", "fnmr"]
    for rate in found.rates:
        row = report.row(rate.metric, model="colours", cohort=found.cohort, at="shipped")
        assert row is not None
        assert (rate.value, rate.low, rate.high) == (row["value"], row["low"], row["high"])
    assert found.all_same is (threshold > 20)
    warned = warnings(found)
    assert len(warned) == bool(metric)
    assert all(said in warning and f"in {found.cohort} (30 subjects)" in warning for warning in warned)


def test_a_threshold_that_the_report_does_not_name_is_judged_by_its_fmr(report, red, rose):
    loose = facegap.verify([red, rose], colours(250.0), report=report)
    (rate,) = loose.rates
    assert (rate.metric, rate.unusable, loose.usable, loose.all_same) == ("fmr", True, False, True)
    assert 0.8 < rate.low < rate.value
    strict = facegap.verify([red, rose], colours(), report=report, fmr=1e-2)
    (rate,) = strict.rates
    assert rate.value <= 1e-2
    assert strict.usable
    assert not facegap.verify([red, rose], colours(), report=report, fmr=0.5).usable
    for found in (
        facegap.verify([red, rose], colours(250.0)),
        facegap.verify([red, rose], colours(None), report=report),
    ):
        assert (found.rates, found.usable, warnings(found)) == ((), True, [])


def test_a_rate_needs_a_report(red, rose):
    for asked in ({"fmr": 1e-2}, {"cohort": "young"}):
        with pytest.raises(facegap.InputError, match="looked up in a report"):
            facegap.verify([red, rose], colours(), **asked)


def test_a_calibration_says_how_much_more_probable(report, red, rose, blue, tmp_path):
    calibration = facegap.calibrate(report).calibration
    found = facegap.verify([red, rose, blue], colours(), calibration=calibration)
    near, far = found.comparisons[:2]
    assert near.log10_lr == calibration.of(20)
    assert near.log10_lr > 0 > far.log10_lr
    assert ratio_text(near).endswith(" × same")
    assert ratio_text(far).endswith("+ × different")
    other = facegap.Model(embed=mean_colour, spec=replace(colours().spec, weights="2"))
    with pytest.raises(facegap.InputError, match=r"calibration is for colours with weights 1 \(here 2\)"):
        facegap.verify([red, rose], other, calibration=calibration)


def test_the_report_of_another_model_is_refused(report, red, rose):
    other = facegap.Model(embed=mean_colour, spec=replace(colours().spec, weights="2"))
    with pytest.raises(facegap.InputError, match="the report is not on colours as it is used here"):
        facegap.verify([red, rose], other, report=report)


def test_a_photo_unlike_those_of_the_report_is_said_to_be(people, tmp_path, red):
    measured = evaluated(people, explain=True, faces=facegap.FaceOptions(detector="none"))
    night, dim = picture(tmp_path / "night.png", 3, 2, 1), picture(tmp_path / "dim.png", 120, 110, 100)
    found = facegap.verify([night, dim], colours(), report=measured, faces=facegap.FaceOptions(detector="none"))
    said = {(Path(one.path).name, one.measure): one.side for one in found.unlike}
    assert said[night.name, "brightness"] == "lower"
    assert said[night.name, "under_exposed"] == "higher"
    assert (dim.name, "brightness") not in said
    sentence = next(one for one in notes(found) if "brightness" in one)
    assert "night.png: brightness of the face is lower than in 99 % of the images" in sentence
    assert facegap.verify([night, dim], colours(), report=evaluated(people)).unlike == ()
