"""How many subjects a number stands on: held against people drawn to have it."""

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings
from facegap.data.manifest import Manifest
from facegap.data.spec import ModelSpec
from facegap.metrics import measure
from facegap.report.text.findings import shown_findings


def evaluated(images: list[int], noise: list[float], threshold=0.3) -> facegap.Evaluation:
    """Return a study of subjects with so many images, each with so much noise."""
    rng = np.random.default_rng(1)
    subject = np.repeat(np.arange(len(images)), images)
    vectors = rng.normal(size=(len(images), 64))[subject]
    vectors = (vectors + np.array(noise)[subject, None] * rng.normal(size=vectors.shape)).astype(np.float32)
    n = len(subject)
    frame = pl.DataFrame(
        {"path": [f"{i}.jpg" for i in range(n)], "subject": [f"s{s:02}" for s in subject], "cohort": ["c"] * n}
    )
    embeddings = Embeddings(vectors, np.zeros(n, np.uint8), (None,) * n, np.full((n, 4), np.nan, np.float32))
    spec = ModelSpec("m", "python", "1", "whole", 8, 64, Comparator.COSINE, threshold=threshold)
    manifest = Manifest(frame, ("c",), "study")
    return measure([facegap.score(embeddings, manifest, spec, workers=1)], manifest)


@pytest.mark.parametrize(
    ("images", "effective", "heaviest"),
    [([4] * 20, 20, 1 / 20), ([2] * 10 + [1] * 30, 10, 1 / 10), ([2] * 9 + [10], 54**2 / (9 + 45**2), 45 / 54)],
)
def test_subjects_count_by_their_comparisons(images, effective, heaviest):
    evaluation = evaluated(images, [0.5] * len(images))
    found = {
        metric: evaluation.value(metric, model="m", cohort="c", at="genuine")
        for metric in ("effective_subjects", "heaviest_share")
    }
    assert found == pytest.approx({"effective_subjects": effective, "heaviest_share": heaviest})
    equal = evaluation.value("effective_subjects", model="m", cohort="c", at="impostor")
    assert equal == pytest.approx(len(images), rel=0.35)


def carried(evaluation) -> list[str]:
    return [one.text for one in shown_findings(evaluation) if one.kind == "one-carries"]


def test_who_carries_the_errors_is_said_with_what_one_more_like_that_would_do():
    evaluation = evaluated([5] * 30, [0.6] * 29 + [4.0])
    (message,) = carried(evaluation)
    fnmr = evaluation.value("fnmr", model="m", cohort="c", at="shipped")
    without = fnmr - 10 / 300 * (1 - fnmr) * 1.1
    assert message.startswith("m, cohort 'c': one subject makes ")
    assert "of the FNMR at the shipped threshold" in message
    share = float(message.partition("makes ")[2].partition(" %")[0]) / 100
    assert share > 0.5
    said = [float(word) / 100 for word in message.replace(",", " ").split() if word.replace(".", "").isdigit()][1:]
    assert said[0] == pytest.approx(fnmr, rel=0.01)
    assert said[1] < said[0] < said[2]
    assert without < said[0]


def test_where_errors_are_spread_nobody_is_named():
    assert carried(evaluated([5] * 30, [1.6] * 30)) == []
    assert carried(evaluated([5] * 5, [0.6] * 4 + [4.0])) == [], "of five subjects each has much"
