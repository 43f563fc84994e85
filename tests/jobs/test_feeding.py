"""A network that is broken or wrongly fed must not pass for a bad one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import facegap
from facegap.data.comparator import Comparator
from facegap.data.spec import ModelSpec
from facegap.jobs.evaluating import evaluate
from facegap.jobs.study import Study
from facegap.report.text.failures import failure_text

SUBJECTS, IMAGES, DIMENSION = 6, 3, 16
N = SUBJECTS * IMAGES
PEOPLE = np.repeat(np.random.default_rng(5).normal(size=(SUBJECTS, DIMENSION)), IMAGES, axis=0)
GOOD = PEOPLE + 0.5 * np.random.default_rng(6).normal(size=(N, DIMENSION))
DOUBTS = {"guessed-contract", "unit-scale", "normalised-twice", "zero-embeddings", "constant-embeddings", "no-spread"}


def kinds(evaluation: facegap.Evaluation) -> set[str]:
    return DOUBTS & set(evaluation.findings["kind"])


def saved(tmp_path: Path, vectors: np.ndarray) -> Path:
    path = tmp_path / "made.npz"
    subject = np.repeat([f"s{i}" for i in range(SUBJECTS)], IMAGES)
    np.savez(path, embedding=vectors.astype(np.float32), subject=subject)
    return path


@pytest.mark.parametrize("comparator", ["cosine", "euclidean"])
@pytest.mark.parametrize("point", [1.0, 0.0, 1e3], ids=["one", "zero", "long"])
def test_one_embedding_for_every_image_is_a_failure(tmp_path: Path, comparator: str, point: float) -> None:
    path = saved(tmp_path, np.full((N, DIMENSION), point) + 1e-7 * point * GOOD)
    said: list[str] = []
    found = evaluate(Study([path], comparator=Comparator(comparator)), say=said.append)
    zero = point == 0 and comparator == "cosine"
    assert kinds(found) == {"zero-embeddings" if zero else "constant-embeddings"}
    assert found.failures.height == N
    assert found.value("auc", model="saved embeddings", cohort="made") is None
    assert any("count as failed" in line and line.startswith("Warning: ") for line in said)


def test_single_zero_vectors_have_no_cosine_but_a_distance(tmp_path: Path) -> None:
    vectors = np.where(np.arange(N)[:, None] % 7 == 0, 0.0, GOOD)
    found = evaluate(Study([saved(tmp_path, vectors)]))
    assert kinds(found) == {"zero-embeddings"}
    assert found.failures.height == 3
    assert not evaluate(Study([saved(tmp_path, vectors)], comparator=Comparator.EUCLIDEAN)).failures.height


@pytest.mark.parametrize("comparator", ["cosine", "euclidean"])
@pytest.mark.parametrize(("scale", "expected"), [(1e-3, {"no-spread"}), (0.3, set()), (1.0, set())])
def test_scores_without_spread(tmp_path: Path, comparator: str, scale: float, expected: set[str]) -> None:
    path = saved(tmp_path, 1 + scale * GOOD)
    found = evaluate(Study([path], comparator=Comparator(comparator)))
    assert kinds(found) == expected
    assert not found.failures.height


def test_the_doubts_come_before_all_other_findings(tmp_path: Path) -> None:
    path = tmp_path / "made.npz"
    np.savez(path, embedding=(1 + 1e-3 * GOOD).astype(np.float32), subject=[f"s{i // 3}" for i in range(N - 1)] + ["x"])
    found = evaluate(Study([path])).findings
    assert found["kind"][0] == "no-spread"
    assert "single-image" in found["kind"].to_list()


def photos(tmp_path: Path, *, same: bool = False) -> Path:
    rng = np.random.default_rng(1)
    for subject in range(3):
        (tmp_path / "photos" / f"s{subject}").mkdir(parents=True)
        for k in range(2):
            pixels = rng.integers(0, 256, (20, 20, 3), np.uint8) * (not same)
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "photos" / f"s{subject}" / f"{k}.png")
    return tmp_path / "photos"


def python_model(embed: Callable[[np.ndarray], np.ndarray]) -> facegap.Model:
    spec = ModelSpec("net", "python", "1", "whole", 16, 4, Comparator.COSINE)
    return facegap.Model(embed=embed, spec=spec)


def test_zero_vectors_of_a_model_are_failures_whether_new_or_stored(tmp_path: Path) -> None:
    study = Study([photos(tmp_path)], [python_model(lambda crops: np.zeros((len(crops), 4)))], store=tmp_path / "store")
    for _ in range(2):
        found = evaluate(study)
        assert kinds(found) == {"zero-embeddings"}
        assert found.failures["outcome"].to_list() == ["model gave no usable embedding"] * 6


def test_one_image_under_several_names_says_nothing_of_the_model(tmp_path: Path) -> None:
    model = python_model(lambda crops: crops.reshape(len(crops), -1)[:, :4] + 1.0)
    found = evaluate(Study([photos(tmp_path, same=True)], [model], store=tmp_path / "store"))
    assert "constant-embeddings" not in kinds(found)
    assert not found.failures.height


def test_a_single_model_too_fails_on_zero_vectors(tmp_path: Path) -> None:
    folder = photos(tmp_path)
    manifest = facegap.read([folder])
    embedded = facegap.embed(manifest, python_model(lambda crops: np.zeros((len(crops), 4))))
    assert not embedded.ok.any()
    assert set(map(failure_text, embedded.detail)) == {"the embedding is zero, and zero has no cosine"}
