"""The world outside fails in every way there is: each is one line that says what to do, and no work is lost."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import polars as pl
import pytest

import facegap
from facegap.cli.app import main
from facegap.data.comparator import Comparator
from facegap.data.embeddings import LONGEST, Outcome, flaws
from facegap.datasets import read
from facegap.errors import InputError, ModelError
from facegap.jobs.chunks import Task, _read
from facegap.jobs.hashing import hash_images
from facegap.jobs.study import Study
from facegap.models.onnx.contract import contract_from_metadata
from facegap.models.onnx.onnx_file import parse_onnx
from facegap.report.text.failures import detail_text
from facegap.run.places import check_output_file, check_output_folder, exists, is_file, is_folder
from hardening.test_fuzz import network
from jobs.check.made import evaluation, metric
from running import Run

RULE = ["--rule", "auc[general] >= 0.8"]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    made = evaluation([metric("auc", 0.95, 0.9, 0.98)])
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "evaluation.json").write_bytes(made.to_json())
    return tmp_path / "report"


def embeddings(path: Path, *, scale: float = 1.0, broken: slice | None = None, subjects: int = 8) -> Path:
    rng = np.random.default_rng(0)
    vectors = np.repeat(rng.normal(size=(subjects, 8)), 3, axis=0) + 0.7 * rng.normal(size=(3 * subjects, 8))
    vectors = (vectors * scale).astype(np.float32)
    if broken is not None:
        vectors[broken] = np.nan
    np.savez(path, embedding=vectors, subject=np.repeat(np.arange(subjects), 3), cohort=np.repeat(["m", "f"], 12))
    return path


def assert_one_line(result: tuple[int, str, str]) -> str:
    code, _, wrong = result
    assert code == 2, wrong
    assert wrong.startswith("facegap: ")
    assert wrong.count("\n") == 1
    return wrong


COMMANDS = [
    (["evaluate", "p.npz", "-o"], "folder"),
    (["audit", "p.npz", "-o"], "file"),
    (["lookalikes", "p.npz", "-o"], "file"),
    (["calibrate", "p.npz", "-o"], "file"),
    (["check", "report", *RULE, "--junit"], "file"),
    (["plan", "--auc", "0.9", "--gap", "auc=0.05", "-o"], "file"),
    (["adapt", "p.npz", "--model", "dlib", "--no-general", "-o"], "file"),
    (["synth"], "folder"),
    (["demo", "-o"], "folder"),
]


@pytest.mark.parametrize(("command", "kind"), COMMANDS, ids=[command[0] for command, _ in COMMANDS])
def test_where_nothing_can_be_written_is_said_before_any_work(
    command: list[str], kind: str, run: Run, report: Path, tmp_path: Path, monkeypatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("work was begun")

    monkeypatch.chdir(tmp_path)
    for work in (
        "jobs.collect.read_source",
        "data.report_files.read_report",
        "jobs.plan.assume",
        "synthetic.population._run",
    ):
        monkeypatch.setattr(f"facegap.{work}", never)
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder").mkdir()
    other = "file" if kind == "folder" else "folder"
    for place in (other, "file/below", "n" * 300, "file/below/more"):
        said = assert_one_line(run(*command, place))
        assert place[:50] in said
    assert (tmp_path / "file").read_text() == "kept"
    assert not list((tmp_path / "folder").iterdir())


def test_places_never_raise(tmp_path: Path) -> None:
    for path in ("a\0b", "n" * 300, tmp_path / "x" / "y"):
        assert not exists(path)
        assert not is_file(path)
        assert not is_folder(path)
    for check in (check_output_file, check_output_folder):
        check(tmp_path / "a" / "b" / "c")
        for path in ("a\0b", "n" * 300):
            with pytest.raises(InputError, match="cannot be written"):
                check(Path(path))
    assert not list(tmp_path.iterdir())


BYTES = os.fsdecode(b"\xff")


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "report", "--rule", f"auc[{BYTES}] >= 0.8"],
        ["check", "report", *RULE, "--junit", f"{BYTES}.xml"],
        ["evaluate", "p.npz", "--cohort", BYTES],
        ["evaluate", f"{BYTES}=p.npz", "-o", "r"],
        ["evaluate", "p.npz", "--threshold-from", BYTES, "--at", "fmr=0.1"],
        ["inspect", f"{BYTES}.onnx"],
        ["evaluate", "photos", "--model", f"{BYTES}=dlib"],
    ],
    ids=str,
)
def test_options_that_are_no_text(arguments: list[str], run: Run, report: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "not valid Unicode" in assert_one_line(run(*arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        *(["check", name, *RULE] for name in ("n" * 300, "report/evaluation.json/x", "/proc/self/mem")),
        ["verify", "n" * 300, "a.png", "--model", "dlib"],
        ["evaluate", "n" * 300, "--model", "dlib"],
        ["evaluate", "t.csv", "--model", "dlib", "--image-root", "n" * 300],
        ["evaluate", "t.csv", "--model", "n" * 300 + ".onnx"],
        ["evaluate", "t.csv", "--model", "dlib:" + "n" * 300],
        ["inspect", "n" * 300 + ".onnx"],
        ["export", "dlib:" + "n" * 300, "-o", "x.onnx"],
        ["calibrate", "n" * 300],
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_what_cannot_be_read(arguments: list[str], run: Run, report: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("path,subject\na.png,a\nb.png,b\n")
    assert_one_line(run(*arguments))


def test_an_error_of_the_system_that_nobody_foresaw_is_one_line(run: Run, report: Path, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "/some/file")

    monkeypatch.setattr("facegap.data.report_files.read_report", full)
    assert "/some/file cannot be used (No space left on device)" in assert_one_line(run("check", report, *RULE))
    monkeypatch.setattr(sys, "argv", ["facegap", "check", str(report), *RULE, "--traceback"])
    with pytest.raises(OSError, match="No space"):
        main()


def started(*arguments: str | Path, **options: object) -> "subprocess.Popen[str]":
    """Start facegap in a process of its own."""
    command = [sys.executable, "-m", "facegap", *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload]


def test_a_full_standard_output_is_said_and_the_file_is_written_all_the_same(report: Path, tmp_path: Path) -> None:
    if not exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        done = started("check", report, *RULE, "--junit", tmp_path / "x.xml", stdout=full)
        _, wrong = done.communicate()
    assert done.returncode == 2
    assert wrong == (
        "facegap: standard output cannot be written (No space left on device): what was printed is incomplete\n"
    )
    assert (tmp_path / "x.xml").is_file()


@pytest.mark.parametrize(("limit", "code"), [(0.8, 0), (0.99, 1)])
def test_a_reader_that_leaves_changes_no_exit_code(limit: float, code: int, report: Path, tmp_path: Path) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    rule = f"auc[general] >= {limit}"
    done = started("check", report, "--rule", rule, "--junit", tmp_path / "x.xml", stdout=writes)
    os.close(writes)
    _, wrong = done.communicate()
    assert (done.returncode, wrong) == (code, "")
    assert (tmp_path / "x.xml").is_file()


def test_closed_standard_streams(report: Path, tmp_path: Path) -> None:
    """What is opened next would take the place of a closed stream, and be printed into."""
    facegap_ = f"{sys.executable} -m facegap check {report} --rule 'auc[general] >= 0.8'"
    done = subprocess.run(f"{facegap_} --junit {tmp_path}/x.xml 0<&- 1>&- 2>&-", shell=True)
    assert done.returncode == 0
    assert (tmp_path / "x.xml").read_bytes().startswith(b"<?xml")
    assert (tmp_path / "x.xml").read_bytes().endswith(b"</testsuites>")


def without_privileges() -> list[str]:
    """Return what a command begins with to be refused what files refuse to others: root ignores permissions."""
    if os.geteuid():
        return []
    drop = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    if shutil.which("setpriv") is None or subprocess.run([*drop, "true"], capture_output=True).returncode:
        pytest.skip("root's privileges cannot be dropped here")
    return drop


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no permissions of that kind")
def test_no_permission(report: Path, tmp_path: Path) -> None:
    """One process tries every place that is read or written."""
    drop = without_privileges()
    embeddings(tmp_path / "p.npz")
    shut = tmp_path / "shut"
    shut.mkdir()
    for name in ("t.csv", "x.onnx", "x.parquet", "x.npz", "pairs.txt", "c.json", "w.dat", "a.png", "out"):
        (shut / name).touch()
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0)
    (tmp_path / "net.onnx").write_bytes(network())
    shut.chmod(0)
    commands = [
        *([*command, place] for command, _ in COMMANDS for place in ("shut/new", "shut", "out")),
        *(["evaluate", name, "--model", "dlib"] for name in ("t.csv", "pairs.txt", "shut")),
        *(["evaluate", name] for name in ("x.parquet", "x.npz", "shut/x.npz")),
        *(["check", name, *RULE] for name in ("c.json", "x.parquet", "shut", "shut/c.json")),
        *(["inspect", name] for name in ("x.onnx", "shut/x.onnx")),
        *(["export", f"dlib:{name}", "-o", "o.onnx"] for name in ("w.dat", "shut/w.dat")),
        ["evaluate", "p.npz", "--model", "shut/x.onnx"],
        ["verify", "a.png", "shut/a.png", "--model", "dlib"],
        ["verify", "a.png", "t.csv", "--model", "dlib", "--calibration", "c.json"],
        ["verify", "a.png", "t.csv", "--model", "dlib", "--report", "c.json"],
    ]
    script = f"""
import sys
from facegap.cli.app import main
for command in {commands!r}:
    sys.argv = ["facegap", *command]
    try:
        main()
    except SystemExit as left:
        print(left.code, *command)
"""
    done = subprocess.run([*drop, sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)
    shut.chmod(0o755)
    assert done.returncode == 0, done.stderr
    ended = [line for line in done.stdout.splitlines() if line[:2] in ("0 ", "1 ", "2 ", "3 ")]
    assert not [line for line in ended if not line.startswith("2 ")]
    assert len(ended) == len(commands)
    words = ("facegap: ", "Usage: ", "Try ", "Error: ")  # typer refuses some paths by itself
    assert not [line for line in done.stderr.splitlines() if line and not line.startswith(words)]


def test_a_nul_in_a_path_is_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    frame = pl.DataFrame({"path": ["a.png", "b\0.png"], "subject": ["a", "b"]})
    frame.write_parquet(tmp_path / "t.parquet")
    found = read([tmp_path / "t.parquet"])
    assert hash_images(found.paths, workers=1)[1] == ""
    image, failed = _read(Task(1, found.paths[1], None, ()))
    assert (image, failed.outcome) == ("", Outcome.UNREADABLE)  # type: ignore[union-attr]


def test_metadata_that_is_no_text() -> None:
    wrong = network().replace(b"whole", b"wh\xffle")
    assert onnx.load_model_from_string(wrong).graph.node
    with pytest.raises(ModelError, match="no UTF-8"):
        parse_onnx(wrong, Path("net.onnx"))


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [("threshold", "nan", "threshold nan"), ("threshold", "-inf", "threshold -inf"), ("dimension", "0", "dimension 0")],
)
def test_a_contract_of_nonsense(key: str, value: str, says: str) -> None:
    said = {"crop": "whole", "size": "16", "mean": "0,0,0", "std": "1,1,1", "comparator": "cosine", key: value}
    with pytest.raises(ModelError, match=says):
        contract_from_metadata({f"facegap.{name}": text for name, text in said.items()}, Path("net.onnx"))


@pytest.mark.parametrize(
    "content",
    [b'"score": [0.3, 1.2]', b'"score": []', b'"score": [1.2]', b'"score": [1.2, 1e999]', b'"score": "x"'],
)
def test_a_calibration_whose_map_is_none(content: bytes, tmp_path: Path) -> None:
    from hardening.test_fuzz import calibration

    whole = calibration().replace(b"\n", b"").replace(b" ", b"")
    assert b'"score":[1.2,0.3]' in whole
    (tmp_path / "c.json").write_bytes(whole.replace(b'"score":[1.2,0.3]', content))
    with pytest.raises(InputError, match=r"c\.json is no calibration"):
        facegap.Calibration.read(tmp_path / "c.json")


@pytest.mark.parametrize("comparator", Comparator)
def test_embeddings_too_long_to_be_compared_are_counted_as_failures(comparator: Comparator, tmp_path: Path) -> None:
    made = facegap.evaluate(
        Study(inputs=[embeddings(tmp_path / "p.npz", scale=1e30)], comparator=comparator, intervals="none", workers=1)
    )
    assert made.failures.height == 24
    assert detail_text(made.failures.row(0, named=True)).startswith("the embedding has the length ")
    assert made.value("fta", model="saved embeddings", cohort="all") == 1


def test_what_length_an_embedding_may_have() -> None:
    lengths = np.array([[0.0], [1e-20], [1e-10], [1.0], [LONGEST], [1e7], [np.nan], [np.inf]], np.float32)
    assert [bool(flaw) for flaw in flaws(lengths)] == [False, True, False, False, False, True, True, True]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"seed": -1}, "seed -1 is negative"),
        ({"level": 0.9999999999999999}, r"level 0\.9999999999999999 is none"),
        ({"level": float("nan")}, "level nan is none"),
    ],
)
def test_numbers_that_nothing_can_be_made_of(options: dict, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=says):
        facegap.evaluate(Study(inputs=[embeddings(tmp_path / "p.npz")], **options))


@pytest.mark.parametrize("arguments", [["--level", "0.9999999999999999"], ["--power", "1e-17"], ["--seed", "-1"]])
def test_a_plan_of_numbers_that_nothing_can_be_made_of(arguments: list[str], run: Run) -> None:
    code, _, wrong = run("plan", "--auc", "0.9", "--gap", "auc=0.05", *arguments)
    assert code == 2
    assert arguments[0] in wrong


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.9, 0.999999])
def test_a_threshold_is_chosen_for_any_rate(rate: float, tmp_path: Path) -> None:
    wanted = facegap.ThresholdFrom("m", rate)
    made = facegap.evaluate(Study(inputs=[embeddings(tmp_path / "p.npz")], threshold_from=[wanted], workers=1))
    assert any(at.startswith("m@fmr=") for at in made.metrics["at"])


@pytest.mark.parametrize("failures", ["rejected", "excluded"])
@pytest.mark.parametrize("left", [0, 1, 2])
def test_hardly_an_image_is_left(failures: str, left: int, tmp_path: Path) -> None:
    study = Study(inputs=[embeddings(tmp_path / "p.npz", broken=slice(left, None))], failures=failures, workers=1)  # type: ignore[arg-type]
    made = facegap.evaluate(study)
    assert made.failures.height == 24 - left
