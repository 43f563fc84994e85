"""The usual script, rewritten, computes what facegap computes: otherwise the clock compares two different things."""

import numpy as np
import pytest
from benchmarks.population import COHORT, draw, study
from PIL import Image
from sklearn.metrics import roc_auc_score

import facegap
from benchmarks import usual_script
from facegap.metrics.rates import Rates
from facegap.synthetic import write_population


@pytest.fixture(scope="module")
def compared():
    vectors, subject = draw(60, 16)
    same, distances = usual_script.compare(list(vectors), [str(code) for code in subject])
    return vectors, subject, same, distances


def test_every_pair_is_compared(compared):
    vectors, subject, same, distances = compared
    a, b = np.triu_indices(60, 1)
    np.testing.assert_allclose(distances, np.linalg.norm(vectors[a] - vectors[b], axis=1), rtol=1e-6)
    assert same == (subject[a] == subject[b]).astype(int).tolist()


def test_rates_are_those_of_facegap(compared):
    vectors, subject, same, distances = compared
    embeddings, manifest, spec = study(vectors, subject, facegap.Comparator.EUCLIDEAN)
    threshold = float(np.float32(np.median(distances)))
    tally = facegap.compare(embeddings, manifest, spec, thresholds=[threshold])
    point = Rates(tally.pooled()).at(threshold)
    expected = point.accuracy, point.precision, point.recall, point.f1
    assert usual_script.at_threshold(same, distances, threshold) == pytest.approx(expected, abs=2 / len(same))
    evaluation = facegap.measure(
        [facegap.score(embeddings, manifest, spec, intervals=False)], manifest, intervals="none"
    )
    area = evaluation.value("auc", model=spec.name, cohort=COHORT)
    assert usual_script.area(same, distances) == pytest.approx(area, abs=1e-9)
    assert usual_script.area(same, distances) == pytest.approx(float(roc_auc_score(same, np.negative(distances))))


def test_embeddings_are_those_of_facegap(tmp_path):
    write_population(tmp_path / "faces", subjects=2, images=1, spread=0.8, seed=0)
    for photo in (tmp_path / "faces").rglob("*.jpg"):
        Image.open(photo).save(photo.with_suffix(".png"))  # dlib decodes JPEG a little differently
        photo.unlink()
    manifest = facegap.read([str(tmp_path / "faces")], layout="folders")
    found = facegap.embed(manifest, facegap.parse_model("dlib"), workers=1)
    encoder = usual_script.Encoder()
    for path, vector in zip(manifest.paths, found.vectors, strict=True):
        np.testing.assert_allclose(encoder.embed(path), vector, atol=1e-5)


def test_an_image_without_a_face_has_no_embedding(tmp_path):
    Image.new("RGB", (80, 80)).save(tmp_path / "black.png")
    assert usual_script.Encoder().embed(str(tmp_path / "black.png")) is None
