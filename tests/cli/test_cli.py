"""The command line as a person uses it: what it prints, where it stops, and with which exit code."""

import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from children import run_alone
from facegap.data.evaluation import Evaluation
from facegap.errors import InputError
from facegap.synthetic import write_population
from running import Run


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def network(path: Path, size: int = 224, dimension: int = 512, metadata: dict[str, str] | None = None) -> Path:
    """Write an ONNX file of JAPANESE FACE's shape: 1 x 3 x size x size to a vector of `dimension` numbers."""
    cells = size // 32
    weights = np.random.default_rng(0).normal(size=(3 * cells * cells, dimension)).astype(np.float32)
    nodes = [
        helper.make_node("AveragePool", ["input"], ["pooled"], kernel_shape=[32, 32], strides=[32, 32]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["output"]),
    ]
    graph = helper.make_graph(
        nodes,
        "face",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, size, size])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, dimension])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, metadata or {})
    onnx.save(model, path)
    return path


@pytest.fixture(scope="module")
def faces(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("faces") / "people"
    write_population(folder, subjects=6, images=3, spread=0.8, seed=1)
    return folder


@pytest.fixture(scope="module")
def japanese_face(tmp_path_factory) -> Path:
    return network(
        tmp_path_factory.mktemp("model") / "JAPANESE_FACE_v1.onnx", metadata={"signature": "made for a test"}
    )


def test_two_models_from_folders_to_a_report(run: Run, faces, japanese_face, tmp_path):
    done = run_alone(
        "evaluate", f"若年女性={faces}", "--model", "dlib", "-m", f"new={japanese_face}", "-o", tmp_path / "r",
        "--store", tmp_path / "s", "--no-images",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "a folder per subject, 18 images of 6 subjects" in done.stdout
    assert "japanese-face" in done.stdout
    assert "若年女性" in done.stdout
    assert "0 of 18 embeddings found in the store" in done.stdout
    assert not done.stderr
    report = tmp_path / "r"
    page = (report / "index.html").read_text(encoding="utf-8")
    assert "made for a test" in page
    assert "data:image/jpeg" not in page
    assert {"evaluation.json", "evaluation.parquet", "charts"} <= {p.name for p in report.iterdir()}
    _, again, _ = run("evaluate", faces, "-m", "dlib", "-o", report, "--store", tmp_path / "s", "--charts", "none")
    assert "18 of 18 embeddings found in the store" in again


@pytest.mark.parametrize("width", [80, 200])
def test_the_summary_is_whole_in_narrow_and_wide_terminals(run: Run, faces, tmp_path, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    _, printed, _ = run("evaluate", faces, "-m", "dlib", "-o", tmp_path / "r", "--charts", "none")
    tables = [line for line in printed.splitlines() if "┃" in line or "│" in line]
    assert max(map(len, tables)) <= width
    shown = " ".join(" ".join(tables).split())
    for word in (
        "people",
        "Genuine",
        "Impostor",
        "AUC",
        "EER",
        "TAR@FMR=1e-2",
        "TAR@FMR=1e-3",
        "Best F1",
        "FNMR@shipped",
    ):
        assert word in shown


def test_a_limit_of_images_per_subject_is_said_and_recorded(run: Run, tmp_path):
    subject = np.repeat(np.arange(10), 5)
    vectors = np.random.default_rng(0).normal(size=(len(subject), 4)) + subject[:, None]
    np.savez(tmp_path / "v.npz", embedding=vectors, subject=subject)
    asked = ["--most-images", "3", "--charts", "none"]
    code, printed, wrong = run("evaluate", tmp_path / "v.npz", *asked, "-o", tmp_path / "r")
    assert code == 0, wrong
    assert "30 embeddings kept, at most 3 of each subject" in " ".join(printed.split())
    evaluation = Evaluation.from_parquet(tmp_path / "r" / "evaluation.parquet")
    assert evaluation.provenance["most images"] == "3"
    assert evaluation.value("genuine", model="saved embeddings", cohort="v") == 10 * 3


def test_a_metric_that_is_asked_for_is_in_the_report_and_in_its_words(run: Run, tmp_path):
    rng = np.random.default_rng(0)
    subject = np.repeat(np.arange(12), 4)
    vectors = rng.normal(size=(12, 8))[subject] + rng.normal(size=(48, 8))
    np.savez(tmp_path / "v.npz", embedding=vectors.astype(np.float32), subject=subject.astype(str))
    asked = ["--metric", "min_dcf:c_miss=1,c_false=1,prior=0.5", "--charts", "none"]
    code, _, wrong = run("evaluate", tmp_path / "v.npz", *asked, "-o", tmp_path / "r")
    assert code == 0, wrong
    assert "Minimum DCF" in (tmp_path / "r" / "index.html").read_text(encoding="utf-8")
    code, printed, _ = run("check", tmp_path / "r", "--rule", "min_dcf <= 1.5")
    assert code == 0, printed
    code, _, wrong = run("evaluate", tmp_path / "v.npz", "--metric", "cost", "-o", tmp_path / "none")
    assert code == 2
    assert "'cost' is unknown" in wrong
    assert not (tmp_path / "none").exists()


def test_a_name_is_data(run: Run, faces, tmp_path):
    name = "[red]<b>x</b>"
    code, printed, wrong = run("evaluate", f"{name}={faces}", "-m", "dlib", "-o", tmp_path / "r", "--charts", "none")
    assert code == 0, wrong
    assert name in printed
    page = (tmp_path / "r" / "index.html").read_text(encoding="utf-8")
    assert name not in page
    assert "[red]&lt;b&gt;x&lt;/b&gt;" in page


@pytest.mark.parametrize(
    ("make", "arguments", "says"),
    [
        ("empty folder", ["evaluate", "empty", "-m", "dlib"], "empty"),
        ("nothing", ["evaluate", "missing", "-m", "dlib"], "missing"),
        ("one subject", ["evaluate", "one", "-m", "dlib"], "one"),
        ("corrupt model", ["evaluate", "people", "-m", "corrupt.onnx"], "corrupt.onnx"),
        ("wrong shape", ["evaluate", "people", "-m", "wrong.onnx"], "wrong.onnx"),
        ("nothing", ["evaluate", "people", "-m", "nonsense"], "unknown model 'nonsense'"),
        ("nothing", ["evaluate", "people"], "no model"),
        ("nothing", ["evaluate", "people", "-m", "dlib", "--face", "best"], "best"),
        ("nothing", ["evaluate", "people", "-m", "dlib", "--failures", "lost"], "lost"),
        ("nothing", ["evaluate", "people", "-m", "dlib", "--threshold-from", "people"], "--at"),
        ("nothing", ["evaluate", "people", "-m", "dlib", "--threshold-from", "people", "--at", "1e-3"], "--at"),
        ("nothing", ["evaluate", "people", "-m", "dlib", "--layout", "wild"], "wild"),
        ("nothing", ["evaluate", "people", "-m", "dlib", "--genuine-share", "2"], "--genuine-share"),
        ("nothing", ["evaluate", "people", "-m", "dlib", "--most-images", "1"], "no genuine comparison"),
        ("nothing", ["evaluate", "people", "-m", "dlib:missing.dat"], "missing.dat"),
        ("nothing", ["inspect", "missing.onnx"], "missing.onnx"),
        ("nothing", ["synth", "people"], "people"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(run: Run, faces, tmp_path, monkeypatch, make, arguments, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people").symlink_to(faces)
    if make == "empty folder":
        (tmp_path / "empty").mkdir()
    elif make == "one subject":
        (tmp_path / "one" / "someone").mkdir(parents=True)
        for k in range(2):
            Image.new("RGB", (40, 40), (k, 0, 0)).save(tmp_path / "one" / "someone" / f"{k}.png")
    elif make == "corrupt model":
        (tmp_path / "corrupt.onnx").write_bytes(b"\x08\x07garbage" * 20)
    elif make == "wrong shape":
        network(tmp_path / "wrong.onnx", size=96)
    code, printed, wrong = run(*arguments, *(("--store", "store") if arguments[0] == "evaluate" else ()))
    assert code == 2, printed + wrong
    assert says in wrong
    assert len(wrong.strip().splitlines()) == 1, wrong
    assert not (tmp_path / "report").exists()


def test_traceback_on_request(run: Run, tmp_path):
    with pytest.raises(InputError, match="missing"):  # which Python shows as it shows all that nobody catches
        run("evaluate", tmp_path / "missing", "-m", "dlib", "--traceback")


def test_inspect_shows_the_contract_and_a_worked_check(run: Run, faces, japanese_face):
    a, b = sorted(faces.rglob("*.jpg"))[:2]
    code, printed, wrong = run("inspect", japanese_face, a, b)
    assert code == 0, wrong
    for words in ("made for a test", "[1, 3, 224, 224]", "cosine", "whole", "512-D", "japanese-face"):
        assert words in printed
    assert "1.000000" in run("inspect", japanese_face, a, a)[1]


def test_synth_draws_folders_that_evaluate_reads(run: Run, tmp_path):
    asked = ["--subjects", "3", "--images", "2", "--spread", "0.5", "--seed", "1", "--workers", "1"]
    code, _, wrong = run("synth", tmp_path / "out", *asked)
    assert code == 0, wrong
    assert len(list((tmp_path / "out").glob("*/*.jpg"))) == 6


def test_doctor(tmp_path):
    done = run_alone("doctor", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "CPUExecutionProvider" in done.stdout
    assert re.search(r"scores on a GPU +│ (--device cuda|torch is not installed)", done.stdout)
    assert not list(tmp_path.iterdir()), "no library may keep notes about its use"
