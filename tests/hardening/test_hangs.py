"""Nothing hangs, and a native crash is one line."""

import os
import socket
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import polars as pl
import pytest
from onnx import TensorProto, helper

import facegap
from facegap.datasets import read, sheet
from facegap.datasets.scores.batches import batches, columns_of
from facegap.errors import InputError, ModelError, WorkerLost
from facegap.faces import face_spec
from facegap.models import parse_model
from facegap.report.page.thumbnails import thumbnail
from facegap.report.text.failures import detail_text
from facegap.run import apart
from facegap.run.executor import Processes

ABORTS = "ended it"


@pytest.fixture
def odd(tmp_path: Path) -> dict[str, Path]:
    """Return files that never end or never begin."""
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(10**13)
    return {name: tmp_path / name for name in ("pipe", "socket", "sparse")} | {"device": Path("/dev/zero")}


REASONS = {
    "pipe": "it is a pipe", "socket": "it is a socket", "device": "it is a device",
    "sparse": "10,000,000,000,000 bytes",
}  # fmt: skip


def test_a_table_that_names_what_never_ends_is_read(odd: dict[str, Path], tmp_path: Path, model, photo) -> None:
    rows = [("ann", tmp_path / "a.png"), ("ann", tmp_path / "b.png"), ("bob", tmp_path / "c.png")]
    for _, path in rows:
        path.write_bytes(photo())
    rows += list(odd.items())
    table = tmp_path / "people.csv"
    table.write_text("subject,path\n" + "".join(f"{subject},{path}\n" for subject, path in rows))
    study = facegap.Study(inputs=[table], models=[model], store=tmp_path / "store")
    evaluation = facegap.evaluate(study)
    told = {row["subject"]: detail_text(row) for row in evaluation.failures.iter_rows(named=True)}
    assert told.keys() == REASONS.keys()
    assert all(reason in told[name] for name, reason in REASONS.items())
    assert facegap.write_report(evaluation, tmp_path / "report", charts=()).is_file()


@pytest.mark.parametrize("name", REASONS)
def test_what_never_ends_has_no_thumbnail(name: str, odd: dict[str, Path]) -> None:
    assert thumbnail(str(odd[name])) is None


@pytest.mark.parametrize("name", REASONS)
@pytest.mark.parametrize("model", ["{}.onnx", "dlib:{}.dat", "dlib:reference:{}.dat"])
def test_what_never_ends_is_no_model(name: str, model: str, odd: dict[str, Path], tmp_path: Path) -> None:
    for suffix in (".onnx", ".dat"):
        (tmp_path / f"{name}{suffix}").symlink_to(odd[name])
    with pytest.raises(ModelError, match=REASONS[name]):
        parse_model(model.format(tmp_path / name))


@pytest.mark.parametrize("name", REASONS)
def test_what_never_ends_is_no_detector_and_no_table(name: str, odd: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=REASONS[name]):
        face_spec("arcface-112", detector=f"yunet:{odd[name]}")
    for suffix in (".parquet", ".npz", ".csv"):
        (tmp_path / f"{name}{suffix}").symlink_to(odd[name])
        with pytest.raises(InputError, match=r"ordinary file|bytes"):
            read([tmp_path / f"{name}{suffix}"])


@pytest.mark.parametrize(
    ("suffix", "begins"),
    [
        (".csv", b""),
        (".csv", b"path_a,path_b,score\n"),
        (".csv", b"S2\n"),
        (".tsv", b"path_a,path_b,score\n"),
        (".txt", b""),
        (".txt", b"S2\n"),
        (".mtx", b""),
        (".mtx", b"S2\n"),
    ],
)
def test_a_line_without_an_end_is_no_table_and_takes_no_memory(
    suffix: str, begins: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet, "LARGEST_TEXT", 3 * 10**8)
    path = tmp_path / f"scores{suffix}"
    with path.open("wb") as file:
        file.write(begins)
        file.truncate(sheet.LARGEST_TEXT + 1)
    tracemalloc.start()
    with pytest.raises(InputError):
        read([path])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200_000_000


def endless(path: Path) -> None:
    """Write a network with a loop of 2^62 turns."""
    scalar = helper.make_tensor_value_info("sum_in", TensorProto.FLOAT, ["n", 3])
    body = helper.make_graph(
        [helper.make_node("Add", ["sum_in", "sum_in"], ["sum_out"]),
         helper.make_node("Identity", ["go_in"], ["go_out"])],
        "body",
        [helper.make_tensor_value_info("turn", TensorProto.INT64, []),
         helper.make_tensor_value_info("go_in", TensorProto.BOOL, []), scalar],
        [helper.make_tensor_value_info("go_out", TensorProto.BOOL, []),
         helper.make_tensor_value_info("sum_out", TensorProto.FLOAT, ["n", 3])],
    )  # fmt: skip
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["mean"], axes=[2, 3], keepdims=0),
        helper.make_node("Loop", ["turns", "go", "mean"], ["embedding"], body=body),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 16, 16])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 3])],
        [
            helper.make_tensor("turns", TensorProto.INT64, [], [2**62]),
            helper.make_tensor("go", TensorProto.BOOL, [], [1]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    contract = {"crop": "whole", "size": "16", "mean": "0,0,0", "std": "1,1,1", "comparator": "cosine"}
    helper.set_model_props(model, {f"facegap.{key}": value for key, value in contract.items()})
    onnx.save(model, path)


def test_a_network_with_an_endless_loop_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless(tmp_path / "loop.onnx")
    monkeypatch.setattr(apart, "SECONDS", 3.0)
    with pytest.raises(ModelError, match=r"loop\.onnx .* took more than 3 s"):
        parse_model(str(tmp_path / "loop.onnx"))


def crash(signal: int) -> int:
    os.kill(os.getpid(), signal)
    return 0


def answer(number: int) -> int:
    return number + os.getpid() * 0


def attempt(function, *args):
    return apart.tried(
        function, *args, content=repr(args), package="numpy", room=10**9, error=ModelError, name="file.onnx"
    )


@pytest.mark.parametrize("signal", [6, 8, 9, 11])
def test_a_crash_is_one_line_and_the_next_file_is_tried(signal: int) -> None:
    with pytest.raises(ModelError, match=f"file.onnx .* {ABORTS}") as caught:
        attempt(crash, signal)
    assert len(str(caught.value).splitlines()) == 1
    assert attempt(answer, signal) == signal


def test_a_file_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert attempt(answer, 1234) == 1234
    monkeypatch.setattr(apart, "_pool", lambda: pytest.fail("it was tried a second time"))
    assert attempt(answer, 1234) == 1234


def test_a_detector_that_crashes_is_one_line(shared_dir: Path) -> None:
    path = shared_dir / "cases" / "hostile" / "yunet-sigfpe.onnx"
    if not path.is_file():
        pytest.skip("the hostile files are absent")
    with pytest.raises(ModelError, match=rf"yunet-sigfpe\.onnx .* {ABORTS}"):
        face_spec("arcface-112", detector=f"yunet:{path}")


def test_a_table_that_crashes_is_one_line(shared_dir: Path) -> None:
    path = shared_dir / "cases" / "hostile" / "table-2e18-bytes.parquet"
    if not path.is_file():
        pytest.skip("the hostile files are absent")
    with pytest.raises(InputError, match=r"table-2e18-bytes\.parquet"):
        read([path])


def test_damaged_tables_never_end_the_process(tmp_path: Path) -> None:
    """Each is either read, or refused in one line."""
    sound = tmp_path / "sound.parquet"
    pl.DataFrame({"path": ["a.png", "b.png"] * 50, "subject": ["a", "b"] * 50}).write_parquet(sound)
    content, rng = sound.read_bytes(), np.random.default_rng(0)
    for number in range(20):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content), 3):
            damaged[place] = rng.integers(0, 256)
        path = tmp_path / f"{number}.parquet"
        path.write_bytes(damaged)
        with pytest.raises(InputError) as caught:  # the images are absent where the table is read
            read([path])
        assert len(str(caught.value).splitlines()) == 1


def test_damaged_lists_of_scores_never_end_the_process(tmp_path: Path) -> None:
    sound = tmp_path / "sound.parquet"
    names = [f"{k}.png" for k in range(100)]
    pl.DataFrame({"path_a": names, "path_b": names[::-1], "score": np.arange(100.0)}).write_parquet(sound)
    content, rng = sound.read_bytes(), np.random.default_rng(1)
    refused = 0
    for number in range(20):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content), 3):
            damaged[place] = rng.integers(0, 256)
        path = tmp_path / f"{number}.parquet"
        path.write_bytes(damaged)
        said = refusal_of(lambda: sum(batch.height for batch in batches(path) if columns_of(path)))  # noqa: B023
        refused += bool(said)
        assert len(said.splitlines()) <= 1
    assert refused


def refusal_of(work: Callable[[], object]) -> str:
    """Return with what words `work` is refused, or ""."""
    try:
        work()
    except InputError as error:
        return str(error)
    return ""


def lose(item: int) -> int:
    if item == 3:
        os.kill(os.getpid(), 9)
    return item


def make_lose():
    return lose


def test_a_worker_killed_from_outside_is_one_line() -> None:
    with pytest.raises(WorkerLost, match="run the same command again") as caught:
        list(Processes(2).map(make_lose, range(20)))
    assert len(str(caught.value).splitlines()) == 1


KILLED = """
import sys
import facegap, psutil

folder, kills = sys.argv[1], sys.argv[2] == "kill"

def progress(task, done, total):
    if kills and task.startswith("embedding") and done >= 16:
        workers = [one for one in psutil.Process().children() if "resource_tracker" not in " ".join(one.cmdline())]
        workers[0].kill()

study = facegap.Study(inputs=[folder + "/people"], models=["dlib:reference"], store=folder + "/store", workers=2)
try:
    facegap.evaluate(study, progress=progress, say=print)
except facegap.FacegapError as error:
    print(type(error).__name__, error)
"""
"""Kills a worker once a few images are embedded, as a system that is short of memory does."""


@pytest.mark.slow
def test_what_a_killed_run_embedded_is_kept(tmp_path: Path) -> None:
    from facegap.synthetic import write_population

    write_population(tmp_path / "people", subjects=24, images=2, spread=0.8, seed=0)
    script = tmp_path / "run.py"
    script.write_text(KILLED)
    said = [
        subprocess.run([sys.executable, script, tmp_path, how], capture_output=True, text=True).stdout
        for how in ("kill", "go on")
    ]
    assert "WorkerLost" in said[0]
    assert "WorkerLost" not in said[1]
    assert " 0 of 48 embeddings found" not in said[1]
