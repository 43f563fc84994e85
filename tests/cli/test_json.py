"""`--json`: every command that prints results prints them for scripts too, and nothing else on its output."""

import json
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, save

from facegap.jobs.plan import assumed
from running import Run


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return saved embeddings of 40 subjects, one image of whom is under the wrong name."""
    rng = np.random.default_rng(1)
    subject = np.repeat(np.arange(40), 4)
    vectors = rng.normal(size=(40, 16))[subject] + 0.4 * rng.normal(size=(160, 16))
    subject[0] = 39
    path = tmp_path_factory.mktemp("saved") / "made.npz"
    np.savez(path, embedding=vectors.astype(np.float32), subject=np.char.add("人", subject.astype(str)))
    return path


def printed(run: Run, *arguments: object) -> dict:
    code, out, _ = run(*map(str, arguments), "--json")
    assert code == 0
    assert out.isascii(), "no console lacks ASCII"
    found = json.loads(out)
    assert found["schema_version"] == 1
    return found


def test_audit_and_store(saved: Path, run: Run, tmp_path: Path) -> None:
    found = printed(run, "audit", saved, "--out", tmp_path / "audit.csv")
    assert found["list"].endswith("audit.csv")
    assert {"人39", "人0"} & {row["subject_a"] for row in found["suspicions"]}
    assert found["suspicions"][0]["by_chance"] is not None
    (tmp_path / "store").mkdir()
    assert printed(run, "store", tmp_path / "store")["kept"] == []
    assert printed(run, "store", tmp_path / "store", "--prune")["removed"] == dict.fromkeys(
        ("embeddings", "crops", "measures", "scores", "files"), 0
    )


def test_plan(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assumed, "SUBJECTS", 60)
    found = printed(run, "plan", "--auc", "0.95", "--gap", "auc=0.02")
    assert "0.95" in found["assumption"]
    assert all(row["subjects"] > 0 for row in found["needs"])


def test_calibrate(saved: Path, run: Run, tmp_path: Path) -> None:
    found = printed(run, "calibrate", saved, "--out", tmp_path / "ratios.json")
    assert found["method"] == "logistic"
    assert all(0 <= one["after"] <= 1.5 for one in found["judged"])
    assert found["file"].endswith("ratios.json")


def test_inspect(run: Run, tmp_path: Path) -> None:
    taken = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 8, 8])
    given = helper.make_tensor_value_info("flat", TensorProto.FLOAT, ["n", 192])
    graph = helper.make_graph([helper.make_node("Flatten", ["image"], ["flat"])], "flat", [taken], [given])
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "flat.onnx")
    found = printed(run, "inspect", tmp_path / "flat.onnx")
    assert (found["opset"], found["fits"], found["images"]) == (17, [], {})
    assert len(found["sha256"]) == 64
