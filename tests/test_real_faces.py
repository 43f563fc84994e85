"""Real faces, real weights: what the article's scripts compute, and the numbers of the public sets."""

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from PIL import Image
from sklearn import metrics as sk

import facegap
from facegap.data.weights import FACE_NETWORK, FIVE_POINTS, dlib_weights


@pytest.fixture(scope="module")
def johns(shared_dir, tmp_path_factory):
    study = facegap.Study(
        inputs=[shared_dir / "data" / "johns"],
        models=["dlib"],
        faces=facegap.FaceOptions(rule="first"),
        store=tmp_path_factory.mktemp("store"),
    )
    return facegap.evaluate(study)


def test_johns(johns):
    def value(metric, at=""):
        return johns.value(metric, model="dlib", cohort="johns", at=at)

    assert (value("images"), value("subjects"), value("fta")) == (55, 5, 0)
    assert (value("genuine"), value("impostor")) == (275, 1210)
    assert (value("auc"), value("fmr", "shipped")) == (1, 0)
    duplicate = johns.findings.filter(pl.col("kind") == "duplicate")
    assert duplicate.height == 1
    assert {path.rsplit("/", 1)[1] for path in duplicate["paths"].item()} == {
        "000378_02340151.jpg",
        "000378_03227610.jpg",
    }


def test_the_numbers_are_those_of_the_usual_script(johns, shared_dir):
    """Detect, take the first face, embed, compare all pairs in Python, hand the scores to scikit-learn."""
    import dlib

    detector = dlib.get_frontal_face_detector()
    predictor = dlib.shape_predictor(str(dlib_weights(FIVE_POINTS)))
    network = dlib.face_recognition_model_v1(str(dlib_weights(FACE_NETWORK)))
    people, vectors = [], []
    for path in sorted((shared_dir / "data" / "johns").glob("*/*.jpg")):
        image = np.asarray(Image.open(path).convert("RGB"))  # dlib's own JPEG decoder gives slightly other pixels
        found = detector(image, 1)
        if found:
            people.append(path.parent.name)
            vectors.append(np.array(network.compute_face_descriptor(image, predictor(image, found[0]))))
    pairs = list(combinations(range(len(people)), 2))
    same = np.array([people[i] == people[j] for i, j in pairs])
    distance = np.array([np.linalg.norm(vectors[i] - vectors[j]) for i, j in pairs])
    expected = sk.roc_auc_score(same, -distance)
    assert johns.value("auc", model="dlib", cohort="johns") == pytest.approx(expected, abs=1e-9)
    for row in johns.sweep.filter(pl.col("threshold").is_in((np.arange(10, 110) / 100).tolist())).iter_rows(named=True):
        accepted = distance <= row["threshold"]
        for name, function in (("accuracy", sk.accuracy_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
            assert row[name] == pytest.approx(function(same, accepted), abs=1e-9)
        if accepted.any():
            assert row["precision"] == pytest.approx(sk.precision_score(same, accepted), abs=1e-9)


@pytest.mark.slow
def test_labeled_faces_in_the_wild_by_sex_and_by_its_official_list(shared_dir, tmp_path):
    data, network = shared_dir / "data" / "lfw-dev", shared_dir / "models" / "mobilefacenet_ms1m_112.onnx"
    models = ["dlib", facegap.parse_model(str(network), preset="arcface-imagenet")]
    study = facegap.Study(inputs=[data / "manifest.csv"], cohort_by=["sex"], models=models, store=tmp_path)
    evaluation = facegap.evaluate(study)
    assert evaluation.cohorts.rows() == [("female", 434, 267), ("male", 1115, 696), ("all", 1549, 963)]
    for model in evaluation.models["model"]:
        failed = evaluation.failures.filter(pl.col("model") == model).height
        assert failed < 10
        assert 983 - 2 * 7 * failed <= evaluation.value("genuine", model=model, cohort="all") <= 983
        for cohort in ("female", "male", "all"):
            assert evaluation.value("auc", model=model, cohort=cohort) > 0.99
    official = facegap.evaluate(facegap.Study(inputs=[data / "pairsDevTest.txt"], models=models, store=tmp_path))
    assert official.value("accuracy", model="dlib", cohort="pairsDevTest", at="shipped") > 0.98
    assert official.value("accuracy", model=network.stem, cohort="pairsDevTest", at="best-accuracy") > 0.985


def test_single_decisions_with_a_report(johns, shared_dir):
    people = shared_dir / "data" / "johns"
    images = [people / "John_Simm" / name for name in ("000310_00470421.jpg", "000310_00470511.jpg")]
    images.append(sorted((people / "John_Salley").glob("*.jpg"))[0])
    dlib = facegap.parse_model("dlib")
    faces = facegap.FaceOptions(rule="first")
    calibration = facegap.calibrate(johns).calibration
    found = facegap.verify(images, dlib, report=johns, fmr=1e-2, calibration=calibration, faces=faces)
    assert [one.same for one in found.comparisons] == [True, False, False]
    same, other, _ = found.comparisons
    assert same.false_match.fmr is None
    assert same.false_match.high > 0.05, "five people can't tell a low rate"
    assert other.false_match.fmr > 0.1
    assert same.log10_lr == pytest.approx(np.log10(1210 / 10))
    assert other.log10_lr < -1
    with pytest.raises(facegap.InputError, match=r"rule first \(here main\)"):
        facegap.verify(images, dlib, report=johns)
