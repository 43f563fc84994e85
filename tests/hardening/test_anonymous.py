"""What `--anonymous` writes and says: no subject, file or folder that was given, in any file or on the screen."""

import base64
import gzip
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import onnx
import polars as pl
import pytest
from onnx import TensorProto, helper
from PIL import Image
from rich.console import Console
from typer.testing import CliRunner

import facegap
from facegap.cli.adapt import show
from facegap.cli.app import app
from facegap.data.manifest import Manifest
from facegap.data.source import Images
from facegap.jobs.adapt import adapt
from facegap.jobs.anonymous import Codes
from facegap.jobs.split import split_subjects

SIDE = 16
FOLDER, TABLE, SUBJECT, FILE, LEFT = "Harrowgate", "Oakenroll", "Quillon", "vexling", "Brindlemere"
SECRET = re.compile("|".join((FOLDER, TABLE, SUBJECT, FILE, LEFT)), re.IGNORECASE)


def run(*arguments: str | Path, code: int = 0) -> str:
    """Run a command as one in a terminal, in this process, and return all that it says."""
    done = CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "250"})
    assert done.exit_code == code, done.output + repr(done.exception)
    return done.output


def secrets_in(folder: Path) -> dict[str, set[str]]:
    """Return what was found in which file of a folder or in its name, tables decoded and archives as they are."""
    found = {}
    for path in sorted(folder.rglob("*")):
        text = path.name + (path.read_bytes().decode(errors="replace") if path.is_file() else "")
        for packed in re.findall(r'<script type="application/gzip"[^>]*>([^<]*)<', text):
            text += gzip.decompress(base64.b64decode(packed)).decode()
        if path.suffix == ".parquet":
            text += pl.read_parquet(path).write_ndjson() + str(pl.read_parquet_metadata(path))
        found[path.name] = {match.lower() for match in SECRET.findall(text)}
    return {name: words for name, words in found.items() if words}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that sees the mean colours of the four quarters of a picture."""
    nodes = [
        helper.make_node("AveragePool", ["image"], ["pooled"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["pooled"], ["embedding"]),
    ]
    taken = [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])]
    given = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 12])]
    graph = helper.make_graph(nodes, "quarters", taken, given)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    contract = {"crop": "whole", "size": str(SIDE), "mean": "0, 0, 0", "std": "1, 1, 1", "comparator": "euclidean"}
    helper.set_model_props(model, {f"facegap.{key}": value for key, value in {**contract, "threshold": "30"}.items()})
    path = tmp_path_factory.mktemp("model") / "quarters.onnx"
    onnx.save(model, path)
    return path


def people(folder: Path, subjects: range, *, told: int = 6, images: int = 4, seed: int = 0) -> None:
    """Write a folder per subject; `told` of the twelve colours of a picture say who it is."""
    rng = np.random.default_rng(seed)
    varies = np.where(np.arange(12) < told, 4, 30)
    for s in subjects:
        middle = 128 + 10 * rng.normal(size=12) * (np.arange(12) < told)
        own = folder / f"{SUBJECT}{s:03}"
        own.mkdir(parents=True)
        for k in range(images):
            colours = np.clip(middle + varies * rng.normal(size=12), 0, 255).astype(np.uint8)
            pixels = np.kron(colours.reshape(3, 2, 2).transpose(1, 2, 0), np.ones((SIDE // 2, SIDE // 2, 1)))
            Image.fromarray(pixels.astype(np.uint8)).save(own / f"{FILE}{k}.png")


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders with all that facegap has something to say of: bad files, the same bytes twice, shared subjects."""
    root = tmp_path_factory.mktemp("given") / FOLDER
    people(root / f"{FOLDER}-one", range(30), seed=1)
    people(root / f"{FOLDER}-two", range(28, 54), told=9, seed=2)
    one = root / f"{FOLDER}-one"
    broken = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x04" + FILE.encode()[:4]
    (one / f"{SUBJECT}001" / f"{FILE}-broken.png").write_bytes(broken + SUBJECT.encode())
    (one / f"{SUBJECT}002" / f"{FILE}.{LEFT}").write_text("no image")
    again = (one / f"{SUBJECT}003" / f"{FILE}0.png").read_bytes()
    (one / f"{SUBJECT}003" / f"{FILE}-again.png").write_bytes(again)
    (one / f"{SUBJECT}004" / f"{FILE}-other.png").write_bytes(again)
    return root


@pytest.fixture(scope="module")
def table(faces: Path) -> Path:
    """A table of some of the images, with a row twice, one image under two subjects, and attributes that tell."""
    images = sorted((faces / f"{FOLDER}-two").rglob("*.png"))
    rows = [(str(path), path.parent.name, f"{SUBJECT}@{LEFT}", "ab"[i % 2]) for i, path in enumerate(images)]
    rows += [rows[0], (rows[0][0], rows[-1][1], "", "a")]
    path = faces / f"{TABLE}.csv"
    pl.DataFrame(rows, schema=["path", "subject", "mail", "group"], orient="row").write_csv(path)
    return path


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def test_a_report_names_nobody_has_the_same_numbers_and_follows_the_umask(tmp_path, network, faces, umask):
    one, two = faces / f"{FOLDER}-one", f"young={faces / f'{FOLDER}-two'}"
    out = tmp_path / "hidden"
    store = faces / "store"
    asked = ["--workers", "1", "--charts", "svg", "--anonymous"]
    said = run("evaluate", one, two, "-m", network, "--store", store, "-o", out, *asked)
    assert not SECRET.search(said), said
    assert secrets_in(out) == {}
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "data:image" not in page
    for words in ("input 1", "young", "subject ", "duplicate", "label conflict", "shared subject", "ignored"):
        assert words in page
    assert out.stat().st_mode & 0o777 == 0o750
    assert {path.stat().st_mode & 0o777 for path in out.rglob("*") if path.is_file()} == {0o640}

    plain = facegap.evaluate(
        facegap.Study(inputs=[f"input 1={one}", two], models=[str(network)], store=store, workers=1)
    )
    hidden = facegap.Evaluation.from_parquet(out / "evaluation.parquet")
    plain.to_parquet(tmp_path / "open.parquet")
    assert secrets_in(tmp_path).keys() == {"open.parquet"}, "names are found where they are"
    for table in ("metrics", "differences", "differentials", "bands"):
        assert getattr(plain, table).equals(getattr(hidden, table)), table
    assert plain.extremes["score"].equals(hidden.extremes["score"])


def test_an_evaluation_of_a_table_names_nobody(tmp_path, network, table):
    said: list[str] = []
    study = facegap.Study(
        inputs=[table], models=[str(network)], cohort_by=["group"], store=tmp_path / "store", workers=1, anonymous=True,
        intervals="none", command=f"facegap evaluate {table}",
    )  # fmt: skip
    written = facegap.evaluate(study, say=said.append).to_json().decode()
    assert not SECRET.search(written + str(said))
    assert "hidden-duplicate" in written


@pytest.mark.parametrize("command", ["audit", "lookalikes", "plan", "calibrate"])
def test_lists_name_nobody(tmp_path, network, faces, command):
    out = tmp_path / "out" / {"lookalikes": "list.html", "calibrate": "list.json"}.get(command, "list.csv")
    out.parent.mkdir()
    more = {"plan": ["--gap", "auc=0.05"]}.get(command, [])
    asked = (command, faces / f"{FOLDER}-one", "-m", network, "-o", out, "--workers", "1", *more)
    said = run(*asked, "--store", tmp_path / "store", "--anonymous")
    assert not SECRET.search(said), said
    assert secrets_in(out.parent) == {}
    assert out.stat().st_size
    if command == "lookalikes":
        assert "data:image" not in out.read_text(encoding="utf-8")


def test_what_is_made_of_a_report_does_not_name_its_folders(tmp_path, network, faces):
    inputs = [f"young={faces / f'{FOLDER}-one'}"]
    study = facegap.Study(inputs=inputs, models=[str(network)], store=tmp_path / "store", workers=1, intervals="none")
    report = tmp_path / "evaluation.json"
    report.write_bytes(replace(facegap.evaluate(study), name=FOLDER).to_json())
    out = tmp_path / "out"
    rules = ("-r", "auc[young] >= 0.1", "--allow-undecided", "--junit", out / "rules.xml")
    said = run("check", report, *rules, "--anonymous")
    said += run("calibrate", report, "-o", out / "c.json", "--anonymous")
    assert not SECRET.search(said), said
    assert secrets_in(out) == {}


def test_an_adapted_model_its_card_and_its_split_name_nobody(tmp_path, network, tmp_path_factory):
    root = tmp_path_factory.mktemp("ours") / FOLDER
    people(root / f"{FOLDER}-ours", range(50))
    people(root / f"{FOLDER}-others", range(45, 70), told=9, seed=1)
    out, said = tmp_path / "out" / "new.onnx", StringIO()
    study = facegap.Study(
        inputs=[root / f"{FOLDER}-ours"], models=[str(network)], store=tmp_path / "store", workers=1, anonymous=True,
        command=f"facegap adapt {root}",
    )  # fmt: skip
    others = [root / f"{FOLDER}-others"]
    done = adapt(study, out, general=others, held_out=0.4, margin=0.05, say=lambda line: print(line, file=said))
    show(Console(file=said, width=250), done, out, root / "index.html", anonymous=True)
    assert "Gain: quarters adapted is better on input 1" in said.getvalue()
    assert "more left out because they are among those trained on" in said.getvalue(), "one code for one person"
    assert not SECRET.search(said.getvalue()), said.getvalue()
    assert {path.name for path in out.parent.iterdir()} == {"new.onnx", "new.md", "new.split.csv"}
    assert secrets_in(out.parent) == {}
    assert not SECRET.search(done.proof.evaluation.to_json().decode())


def manifest(*subjects: str) -> Manifest:
    rows = [(f"{subject}/{k}.png", subject, "c") for subject in subjects for k in range(2)]
    return Manifest(pl.DataFrame(rows, schema=["path", "subject", "cohort"], orient="row"), ("c",), "c")


def test_codes_are_the_same_for_the_same_images_and_others_for_others():
    asked = manifest(*"abcdefghijklmnop")
    hashes = [str(i) for i in range(len(asked))]
    codes = Codes().extended(Images(asked), hashes, seed=0)
    assert codes == Codes().extended(Images(asked), hashes, seed=0)
    assert codes != Codes().extended(Images(asked), hashes, seed=1)
    assert codes != Codes().extended(Images(asked), [*hashes[1:], "other"], seed=0), (
        "names and seed alone do not give them"
    )
    assert sorted(codes.subjects.values()) == sorted(f"subject {i}" for i in range(1, 17))
    assert list(codes.subjects.values()) != [f"subject {i}" for i in range(1, 17)]


def test_a_subject_has_one_code_wherever_it_is_found():
    first, second = manifest("a", "b"), manifest("b", "c")
    codes = Codes().extended(Images(first), ["1"] * 4, seed=0)
    both = codes.extended(Images(second), ["2"] * 4, seed=0)
    assert both.subjects == {**codes.subjects, "c": "subject 3"}
    assert both.hide(second).subjects == [codes.subjects["b"]] * 2 + ["subject 3"] * 2


def test_subjects_have_the_roles_that_they_have_by_their_names():
    asked = manifest(*"abcdefghijklmnop")
    hidden = Codes().extended(Images(asked), [], seed=3).hide(asked)
    roles = [split_subjects(one, [], held_out=0.3, validation=0.2, seed=5).role.tolist() for one in (asked, hidden)]
    assert roles[0] == roles[1]
    assert asked.subjects != hidden.subjects
