"""The whole job from the command line: what it leaves, that nothing is lost, and what it refuses."""

import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

torch = pytest.importorskip("torch", reason="training is an extra: pip install 'facegap[train]'")

from typer.testing import CliRunner, Result

import facegap
from facegap.cli.app import app
from facegap.errors import InputError
from facegap.jobs.train import needs
from facegap.models.onnx.onnx_file import read_onnx

SMALL = ["--backbone", "test_efficientnet", "--from-scratch", "--crop", "whole", "--size", "32", "--dimension", "32"]
SHORT = ["--epochs", "4", "--batch", "6x4", "--learning-rate", "4e-3", "--scale", "24", "--arc-margin", "20"]


def arguments(people: Path, out: Path, old: Path, *more: str) -> list[str]:
    store = out.parent / "store"
    shares = ["--held-out", "0.4", "--validation", "0.16", "--workers", "1", "--store", str(store)]
    others = [] if "--general" in more else ["--no-general"]
    return ["train", f"people={people}", "-o", str(out), "--against", str(old), *SMALL, *SHORT, *shares, *others, *more]


def run(command: list[str]) -> Result:
    return CliRunner().invoke(app, ["--traceback", *command], catch_exceptions=False)


@pytest.fixture(scope="module")
def people(crowd: Path) -> Path:
    """50 subjects x 6 images."""
    return crowd


@pytest.fixture(scope="module")
def trained(people: Path, others: Path, old_model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple:
    out = tmp_path_factory.mktemp("trained") / "new.onnx"
    also = ["--also", "float16", "--also", "int8", "--signature", "made by a test", "--licence", "MIT"]
    command = arguments(people, out, old_model, "--general", f"others={others}", "--margin", "0.2", *also)
    return run(command), out, command


def test_it_trains_proves_and_says_so(trained):
    result, out, _ = trained
    text = " ".join(result.output.split())
    assert result.exit_code == 0, result.output
    assert re.search(
        r"50 subjects: 22 to learn from, 8 to choose by, 20 held out to judge on; others: 20 subjects", text
    )
    assert re.search(r"people, 20 subjects: AUC 0\.\d+ with old, [01]\.\d+ with new, \+0\.\d+", text)
    assert "Gain: new is better on people" in text
    evaluation = facegap.Evaluation.from_json((out.with_suffix(".report") / "evaluation.json").read_bytes())
    assert set(evaluation.models["model"]) == {"old", "new"}
    assert evaluation.cohorts.filter(cohort="people")["subjects"].item() == 20


def test_the_file_says_itself_how_it_is_used(trained, people, tmp_path):
    _, out, _ = trained
    metadata = read_onnx(out).metadata
    assert metadata["signature"] == "made by a test"
    said = {key.removeprefix("facegap."): value for key, value in metadata.items() if key.startswith("facegap.")}
    assert {"crop", "size", "mean", "std", "comparator", "colour", "threshold", "output", "licence"} <= set(said)
    assert (said["crop"], said["size"], said["dimension"], said["licence"]) == ("whole", "32", "32", "MIT")
    assert said["threshold_rule"] == "FMR <= 0.01"
    assert said["threshold_cohort"] == "people, 8 validation subjects"
    assert re.fullmatch("[0-9a-f]{64}", said["data"])
    report = tmp_path / "report"
    for name in ("new", "new.float16", "new.int8"):
        model = out.with_name(f"{name}.onnx")
        done = run(["evaluate", str(people), "--model", str(model), "-o", str(report), "--store", str(tmp_path / "s")])
        assert done.exit_code == 0
        evaluation = facegap.Evaluation.from_json((report / "evaluation.json").read_bytes())
        assert evaluation.value("auc", model=name, cohort="people") > 0.8
        assert evaluation.value("fmr", model=name, cohort="people", at="shipped") is not None
    assert run(["inspect", str(out)]).exit_code == 0


def test_the_split_lies_beside_the_model_and_keeps_people_apart(trained):
    _, out, _ = trained
    split = pl.read_csv(out.with_suffix(".split.csv"))
    assert split.columns == ["path", "subject", "cohort", "role", "schema_version"]
    assert split.height == 300
    assert split.group_by("subject").agg(pl.col("role").n_unique())["role"].max() == 1


def test_the_card_says_what_it_is_and_what_was_measured(trained):
    _, out, _ = trained
    card = out.with_suffix(".md").read_text(encoding="utf-8")
    assert card.startswith("# new.onnx\n")
    for part in ("| people | train | 22 | 132 |", "## Results", "| others | new | ", "## Limits", "random weights"):
        assert part in card
    assert re.search(r"new\.int8\.onnx: validation AUC 0\.\d+ instead of 0\.\d+", card)
    assert "s003" not in card, "it names no person"


def test_the_same_command_again_trains_nothing_and_gives_the_same_file(trained):
    _, out, command = trained
    before = out.read_bytes()
    again = run(command)
    assert "epoch" not in again.output
    assert out.read_bytes() == before


def test_a_full_disk_during_export_leaves_the_older_files(trained, tmp_path):
    _, out, command = trained
    folder = tmp_path / "copy"
    shutil.copytree(out.parent, folder)
    files = {path: path.read_bytes() for path in folder.glob("new.*") if path.is_file()}
    command = [part.replace(str(out.parent), str(folder)) for part in command]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [sys.executable, "-m", "facegap", *command], preexec_fn=limit, capture_output=True, text=True, env=os.environ
    )
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert re.search(r"facegap: .*new\.onnx cannot be written .*older files are as they were", line)
    assert {path: path.read_bytes() for path in folder.glob("new.*") if path.is_file()} == files


def refused(command: list[str], message: str) -> None:
    with pytest.raises((InputError, facegap.ModelError), match=message) as caught:
        run(command)
    assert "\n" not in str(caught.value)


def copy_of(people: Path, folder: Path, subjects: int, images: int) -> Path:
    for subject in sorted(people.iterdir())[:subjects]:
        (folder / subject.name).mkdir(parents=True)
        for image in sorted(subject.iterdir())[:images]:
            shutil.copy(image, folder / subject.name)
    return folder


def test_one_subject_is_refused(people, old_model, tmp_path):
    refused(arguments(copy_of(people, tmp_path / "one", 1, 6), tmp_path / "x.onnx", old_model), "has one subject")


def test_no_subject_with_two_images_is_refused(people, old_model, tmp_path):
    few = copy_of(people, tmp_path / "few", 20, 1)
    refused(arguments(few, tmp_path / "x.onnx", old_model), r"0 subjects of 20 .* with 2 or more different images")


def test_general_people_who_are_all_learnt_from_are_refused(people, old_model, tmp_path):
    split = ["--general", f"same={people}"]
    out = run(arguments(people, tmp_path / "x.onnx", old_model, *split, "--epochs", "1")).output
    assert "left out because they are among those trained on" in " ".join(out.split())
    table = pl.read_csv(tmp_path / "x.split.csv").filter(pl.col("role") == "train")
    learnt = tmp_path / "learnt"
    for subject in table["subject"].unique():
        shutil.copytree(people / subject, learnt / subject)
    command = arguments(people, tmp_path / "y.onnx", old_model, "--general", f"learnt={learnt}")
    refused(command, "every subject of learnt is among those that are trained on")


def test_too_few_judges_are_refused_before_any_work(people, others, old_model, tmp_path):
    out, few = tmp_path / "x.onnx", copy_of(others, tmp_path / "few", 19, 4)
    refused(arguments(copy_of(people, tmp_path / "less", 47, 2), out, old_model), r": 19 in people, and 20 are needed")
    refused(arguments(people, out, old_model, "--general", f"few={few}"), r": 19 in few, and 20 are needed")
    assert not (tmp_path / "store").exists()


def test_other_people_are_asked_for(people, old_model, tmp_path):
    command = arguments(people, tmp_path / "x.onnx", old_model)
    command.remove("--no-general")
    refused(command, "give --no-general to go on without")


def test_the_same_picture_under_two_people_is_refused(people, old_model, tmp_path):
    folder = copy_of(people, tmp_path / "mixed", 50, 3)
    shutil.copy(folder / "s001" / "0.png", folder / "s002" / "7.png")
    refused(
        arguments(folder, tmp_path / "x.onnx", old_model), "same image, byte for byte, is filed under 's001' and 's002'"
    )


def test_what_cannot_be_trained_on_is_refused_before_any_work(people, old_model, tmp_path):
    vectors = tmp_path / "saved.npz"
    np.savez(vectors, embedding=np.eye(4, dtype=np.float32), subject=np.array(["a", "a", "b", "b"]))
    out = tmp_path / "x.onnx"
    refused(arguments(vectors, out, old_model), "list of pairs or of embeddings")
    refused(arguments(people, tmp_path / "x.pt", old_model), "end it in .onnx")
    refused(arguments(people, tmp_path / "old.onnx", old_model), "both models are called 'old'")
    refused(arguments(people, out, old_model, "--batch", "16"), "subjects x images")
    refused(arguments(people, out, old_model, "--also", "int4"), "float16, int8")
    refused(arguments(people, out, old_model, "--precision", "64"), "bf16-mixed")
    assert not out.exists()


def test_without_the_extra_it_says_what_to_install(monkeypatch, people, old_model, tmp_path):
    monkeypatch.setattr(needs, "PACKAGES", ("torch", "no_such_package"))
    refused(arguments(people, tmp_path / "x.onnx", old_model), r"no_such_package.*pip install 'facegap\[train\]'")
