"""`facegap verify`, `calibrate` and `lookalikes` as a person and a script use them."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import facegap
from cli.test_cli import network
from facegap.cli.app import main
from facegap.synthetic import write_population

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def faces(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("faces") / "people"
    write_population(folder, subjects=10, images=4, spread=0.8, seed=1)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return network(tmp_path_factory.mktemp("model") / "whole.onnx")


@pytest.fixture(scope="module")
def report(faces, model, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    study = facegap.Study(
        inputs=[faces], models=[str(model)], store=folder / "store", notice="Synthetic faces.", workers=1
    )
    (folder / "evaluation.json").write_bytes(facegap.evaluate(study).to_json())
    return folder


@pytest.fixture
def run(monkeypatch, capsys, tmp_path) -> Run:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["facegap", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setenv("FACEGAP_STORE", str(tmp_path / "usual"))
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return run


def images(faces: Path, *places: tuple[int, int]) -> list[Path]:
    people = sorted(folder for folder in faces.iterdir() if folder.is_dir())
    return [sorted(people[person].iterdir())[image] for person, image in places]


def test_the_store_of_verify_can_be_a_url(run: Run, faces, model, report, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    kept = tmp_path / "kept"
    asked = ("--model", model, "--report", report, "--at", "fmr=0.05", "--store", kept.as_uri())
    assert run("verify", *images(faces, (1, 1), (1, 2)), *asked)[0] in (0, 1)
    assert any(file.is_file() for file in kept.rglob("*"))
    assert not (tmp_path / "file:").exists()


def test_a_decision_on_a_report(run: Run, faces, model, report, tmp_path) -> None:
    asked = ("--model", model, "--report", report, "--at", "fmr=0.05")
    code, printed, wrong = run("verify", *images(faces, (0, 0), (1, 0)), *asked)
    assert (code, wrong) == (1, "")
    assert "Synthetic faces." in printed
    assert "different people" in printed
    assert "chosen for FMR 0.05 in people (10 subjects)" in printed
    kept = {path.name for path in (tmp_path / "usual").iterdir()}
    assert kept <= {"tried"}, "the images of a single decision are not kept"


def test_a_script_reads_json(run: Run, faces, model, report) -> None:
    one, other = images(faces, (0, 0), (0, 1))
    code, printed, wrong = run("verify", one, other, "-m", model, "--report", report, "--at", "fmr=0.1", "--json")
    found = json.loads(printed)
    (pair,) = found["comparisons"]
    assert (pair["path_a"], pair["path_b"]) == (str(one), str(other))
    assert (code == 0) is pair["same"] is (pair["score"] >= found["threshold"]["value"])
    assert code in (0, 1)
    assert found["threshold"]["fmr"] == 0.1
    assert 0 < pair["false_match"]["low"] < pair["false_match"]["fmr"] < pair["false_match"]["high"] < 1
    (rate,) = found["rates"]
    assert (rate["metric"], rate["unusable"]) == ("fmr", False)
    assert wrong == ""


def test_an_unusable_threshold_is_warned_of_above_the_decisions(run: Run, faces, model, report) -> None:
    one, other = images(faces, (0, 0), (1, 0))
    asked = ("verify", one, other, "-m", model, "--report", report, "--at", "fmr=0.9")
    code, printed, wrong = run(*asked)
    assert (code, wrong) == (3, "")
    warned = printed.index("Don't rely on these decisions")
    assert warned < printed.index("Decision")
    assert "of impostor comparisons in people (10 subjects); the report calls 10 % or more unusable" in " ".join(
        printed.split()
    )
    code, printed, _ = run(*asked, "--json")
    assert code == 3
    (rate,) = json.loads(printed)["rates"]
    assert rate["unusable"]
    assert 0.1 <= rate["low"] <= rate["value"] <= 0.9


def test_no_threshold_and_no_face_are_no_decision(run: Run, faces, model, tmp_path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no image")
    code, printed, _ = run("verify", *images(faces, (0, 0), (0, 1)), tmp_path / "broken.jpg", "-m", model)
    assert code == 1
    assert "not decided" in printed
    assert "broken.jpg: unreadable (not an image in a format that is read)" in printed
    assert "whole ships no threshold" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--at", "fmr=0.05"), "looked up in a report"),
        (("--report", "absent"), "absent cannot be read"),
        (("--calibration", "absent.json"), "absent.json cannot be read"),
        (("--at", "far=0.05"), "--at 'far=0.05' is not understood"),
    ],
)
def test_bad_input_is_one_line(run: Run, faces, model, arguments, said) -> None:
    code, printed, wrong = run("verify", *images(faces, (0, 0), (0, 1)), "-m", model, *arguments)
    assert (code, printed) == (2, "")
    assert said in wrong
    assert wrong.count("\n") == 1


def test_a_model_must_be_named(run: Run, faces) -> None:
    code, _, wrong = run("verify", *images(faces, (0, 0), (0, 1)))
    assert code == 2
    assert "no model was named" in wrong


@pytest.mark.parametrize("method", ["logistic", "isotonic"])
def test_a_calibration_of_a_report_serves_a_decision(run: Run, faces, model, report, tmp_path, method) -> None:
    out = tmp_path / "new" / "calibration.json"
    code, printed, wrong = run("calibrate", report, "--method", method, "-o", out)
    assert (code, wrong) == (0, "")
    assert "Synthetic faces." in printed
    assert f"whole: {method} map of its scores in people" in printed
    assert "minCllr" in printed
    assert {p.suffix for p in out.parent.iterdir()} == {".json", ".svg", ".png"}
    code, printed, _ = run("verify", *images(faces, (0, 0), (1, 0)), "-m", model, "--calibration", out)
    assert "Evidence" in printed
    assert " × " in printed


def test_a_calibration_of_images_is_judged_on_other_subjects(run: Run, faces, model, tmp_path) -> None:
    out = tmp_path / "calibration.json"
    code, printed, _ = run("calibrate", faces, "-m", model, "-o", out, "--workers", "1")
    assert code == 0
    assert "other subjects" in printed
    code, _, wrong = run("calibrate", faces, "-m", model, "--method", "linear", "-o", out)
    assert code == 2
    assert "choose one of logistic, isotonic" in wrong


def test_look_alikes_have_a_page_and_a_list(run: Run, faces, model, tmp_path) -> None:
    out = tmp_path / "new" / "look.html"
    code, printed, wrong = run(
        "lookalikes", f"若年女性={faces}", "-m", model, "--top", "5", "-o", out, "--workers", "1"
    )
    assert (code, wrong) == (0, "")
    table = pl.read_csv(out.with_suffix(".csv"))
    assert table.height == 5
    assert table["subject_a"][0] in printed
    assert f"{table['score'][0]:.4f}" in printed
    page = out.read_text(encoding="utf-8")
    assert "Look-alikes in 若年女性" in page
    assert page.count("data:image/jpeg") == 10
