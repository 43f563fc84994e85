"""An EfficientNetV2 with the contract of JAPANESE FACE: whole image at 224, ImageNet's mean and std, 512-D, cosine."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training is an extra: pip install 'facegap[train]'")

from typer.testing import CliRunner

import facegap
from facegap.cli.app import app
from facegap.data.statement import in_english
from facegap.jobs.train.network import FaceNetwork
from facegap.jobs.train.onnx_graph import check_export, to_onnx
from facegap.jobs.train.recipe import Recipe
from facegap.models import PRESETS, parse_model

CONTRACT = PRESETS["japanese-face"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return such a file with random weights and nothing but a signature in its metadata, as the article's has."""
    torch.manual_seed(0)
    network = FaceNetwork(Recipe("tf_efficientnetv2_b0", from_scratch=True, crop="whole"))
    network.mean, network.std = CONTRACT.mean, CONTRACT.std
    pixels = torch.randint(0, 256, (16, 3, 224, 224), dtype=torch.uint8)
    with torch.no_grad():
        network.train()
        for _ in range(20):  # batch normalisation of random weights has to see data first
            network(network.normalised(pixels))
    network.eval()
    onnx = to_onnx(network, 224, {"signature": "made by a test"})
    assert check_export(onnx, network, pixels[:3]) < 1e-4
    path = tmp_path_factory.mktemp("article") / "article.onnx"
    path.write_bytes(onnx.SerializeToString())
    return path


def test_it_needs_no_options(model: Path):
    source = parse_model(str(model))
    assert "japanese-face" in in_english(source.note)
    spec = source.spec
    assert (spec.crop, spec.size, spec.dimension, spec.comparator) == ("whole", 224, 512, facegap.Comparator.COSINE)
    assert (spec.mean, spec.signature) == (CONTRACT.mean, "made by a test")


def test_evaluate_inspect_and_verify_take_it_unchanged(model: Path, people: Path, tmp_path: Path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for subject in sorted(people.iterdir())[:10]:
        for k in range(2):
            (photos / f"{subject.name}_{k}.png").write_bytes((subject / f"{k}.png").read_bytes())
    report, store = tmp_path / "report", ["--store", str(tmp_path / "store")]
    run = CliRunner()
    done = run.invoke(
        app, ["evaluate", str(photos), "-m", str(model), "-o", str(report), *store], catch_exceptions=False
    )
    assert done.exit_code == 0
    evaluation = facegap.Evaluation.from_json((report / "evaluation.json").read_bytes())
    assert evaluation.value("auc", model="article", cohort="photos") is not None
    assert evaluation.models["signature"].item() == "made by a test"
    assert evaluation.cohorts["images"].item() == 20
    a, b = sorted(photos.iterdir())[:2]
    shown = run.invoke(app, ["inspect", str(model), str(a), str(b)], catch_exceptions=False)
    assert shown.exit_code == 0
    assert "made by a test" in shown.output
    decided = run.invoke(app, ["verify", str(a), str(b), "-m", str(model), "--report", str(report), "--at", "fmr=1e-1"])
    assert decided.exit_code in (0, 1), decided.output
    assert "photos" in decided.output or "FMR" in decided.output
