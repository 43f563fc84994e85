"""Id photos against selfies, as a person asks for them: synthetic people who are photographed by a second camera."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

import facegap
from facegap.cli.console import Terminal
from facegap.cli.evaluate import show
from facegap.data.comparator import Comparator
from facegap.data.spec import ModelSpec
from facegap.faces import FaceOptions
from facegap.models import Model
from facegap.synthetic import write_population

PATCH = 8


def second_camera(photo: bytes) -> bytes:
    """Return a photo as an old document scanner would take it: small, soft, grey and hard compressed."""
    picture = Image.open(io.BytesIO(photo)).convert("L").resize((112, 112)).filter(ImageFilter.GaussianBlur(0.8))
    file = io.BytesIO()
    picture.resize((224, 224)).convert("RGB").save(file, "JPEG", quality=60)
    return file.getvalue()


def patches(crops: np.ndarray) -> np.ndarray:
    """Return the mean brightness of each patch of the crops, centred: a model that sees something of a face."""
    n, side = len(crops), crops.shape[1] // PATCH
    mean = crops.reshape(n, side, PATCH, side, PATCH, 3).mean(axis=(2, 4, 5)).reshape(n, -1)
    return mean - mean.mean(axis=1, keepdims=True)


@pytest.fixture
def kyc(tmp_path) -> facegap.Study:
    write_population(tmp_path / "selfie", subjects=12, images=3, spread=1.2, seed=5, size=96)
    for subject in (tmp_path / "selfie").iterdir():
        first = min(subject.iterdir())
        (tmp_path / "id" / subject.name).mkdir(parents=True)
        (tmp_path / "id" / subject.name / "card.jpg").write_bytes(second_camera(first.read_bytes()))
        first.unlink()
    spec = ModelSpec("patches", "python", "1", "whole", 64, (64 // PATCH) ** 2, Comparator.COSINE, threshold=0.8)
    model = Model(embed=patches, spec=spec)
    inputs = [f"{name}={tmp_path / name}" for name in ("id", "selfie")]
    return facegap.Study(inputs, [model], faces=FaceOptions(detector="none"), store=tmp_path / "store")


def test_id_photos_against_selfies(kyc, run, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("COLUMNS", "240")
    evaluation = facegap.evaluate(kyc)
    show(Terminal(), evaluation, "report")
    said = capsys.readouterr().out
    cells = [[cell.strip() for cell in line.split("│")] for line in said.splitlines()]
    held = next(line for line in cells if line[2:3] == ["id/selfie"])
    assert held[3].startswith("fails: "), "it is held to the limits like a cohort"
    line = next(line for line in cells if line[1:2] == ["id/selfie"])
    assert line[2:7] == ["36", "12", "0 %", "24", "264"]
    assert sum("[" in one for one in line) == 4, "FMR, FNMR, EER and AUC have intervals"
    assert "in id/selfie." in said, "the verdict speaks of it"
    assert "12 subjects in two cohorts or more" in said
    assert "add a second image" not in said
    assert "rename" not in said
    report = tmp_path / "evaluation.json"
    report.write_bytes(evaluation.to_json())
    auc = evaluation.row("auc", model="patches", cohort="id/selfie")
    assert auc is not None
    code, said, _ = run("check", report, "--rule", f"auc[id/selfie] >= {auc['low'] - 0.01}")
    assert (code, "holds" in said) == (0, True)
    rules = ("--rule", "fmr[id/selfie] <= 0.001", "--rule", f"auc[selfie/id] >= {auc['high'] + 0.001}")
    code, said, _ = run("check", report, *rules)
    assert (code, said.count("fails")) == (1, 3)
