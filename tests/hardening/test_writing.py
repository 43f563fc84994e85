"""No command writes over what it did not write; a full disk, and another run, leave everything as it was."""

import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from facegap.errors import InputError
from facegap.run.files import claimed, written_folder, written_whole
from hardening.killing import contents
from running import Run

RULE = ("-r", "auc[general] >= 0.8")
OLDER = {
    "audit.csv": b"kind,action,model,score",
    "page.html": b"<title>Look-alikes in older people",
    "page.csv": b"model,rank,score,suspicion,path_a",
    "scores.json": b'{"log10_lr": []}',
    "scores.svg": b"<svg>likelihood ratio (log)",
    "scores.png": b"pixels",
    "plan.csv": b"question,model,people,images",
    "rules.xml": b'<?xml version="1.0"?><testsuite name="facegap">',
}
WRITING = {
    "audit": ["audit", "people.npz", "-o", "audit.csv"],
    "lookalikes": ["lookalikes", "people.npz", "-o", "page.html"],
    "calibrate": ["calibrate", "people.npz", "-o", "scores.json"],
    "plan": ["plan", "people.npz", "--gap", "auc=0.1", "-o", "plan.csv"],
    "check": ["check", "report", *RULE, "--junit", "rules.xml"],
}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["audit", "people.npz", "-o", "people.npz"], "people.npz is an input and would be replaced"),
        (["audit", "all=people.npz", "-o", "people.npz"], "people.npz is an input"),
        (["audit", "people.npz", "-o", "link.npz"], "link.npz is an input"),
        (["audit", "people.npz", "-o", "spare.npz"], "spare.npz is no list of `facegap audit`"),
        (["audit", "people.npz", "-o", "report"], "report is a folder, a file was expected"),
        (["lookalikes", "people.csv", "-o", "people.html"], "people.csv, beside people.html, is an input"),
        (["lookalikes", "people.npz", "-o", "alice.png"], "alice.png is no page of `facegap lookalikes`"),
        (["lookalikes", "people.npz", "-o", "new.csv"], "new.csv would be written twice"),
        (["calibrate", "people.npz", "-o", "alice.json"], "alice.png, beside alice.json, is no chart"),
        (["calibrate", "people.npz", "-o", "new.svg"], "new.svg would be written twice"),
        (["calibrate", "report", "-o", "report/evaluation.json"], "evaluation.json is no calibration"),
        (["plan", "people.npz", "--gap", "auc=0.05", "-o", "people.npz"], "people.npz is an input"),
        (["check", "report", *RULE, "--junit", "report/evaluation.json"], "is no JUnit file"),
        (["export", "dlib", "-o", "own.onnx"], "own.onnx is no network that `facegap export` wrote"),
        (["adapt", "people.npz", "-m", "own.onnx", "-o", "notes.onnx"], "notes.md, beside notes.onnx, is no card"),
        (["adapt", "people.npz", "-m", "dlib", "-o", "new.onnx", "--report", "notes.md"], "notes.md is a file"),
        (["evaluate", "people.npz", "-o", "notes.md"], "notes.md is a file"),
        (["evaluate", "report/charts", "-o", "report"], "would be written over the input report/charts"),
        (["evaluate", "photos", "-o", "photos"], "would be written over the input photos"),
    ],
)
def test_nothing_is_written_over_an_input_or_over_what_others_wrote(run: Run, place: Path, arguments, says) -> None:
    from jobs.adapt.conftest import quarters_network

    quarters_network(place / "own.onnx")
    (place / "people.csv").write_text("path,subject\nalice.png,alice\n")
    (place / "report" / "charts").mkdir()
    (place / "photos").mkdir()
    (place / "photos" / "a.png").write_bytes(b"a photo")
    (place / "link.npz").symlink_to("people.npz")
    before = contents(place)
    code, _, wrong = run(*arguments)
    assert code == 2
    assert says in wrong
    assert len(wrong.splitlines()) == 1
    assert contents(place) == before


@pytest.mark.parametrize("command", WRITING)
def test_what_the_command_wrote_itself_it_writes_again(run: Run, place: Path, command: str) -> None:
    for _ in range(2):
        code, _, wrong = run(*WRITING[command])
        assert (code, wrong) == (0, "")
    assert not [path for path in contents(place) if ".unfinished" in path]


@pytest.mark.parametrize("command", WRITING)
def test_a_full_disk_is_one_line_and_keeps_the_old_files(run: Run, place: Path, command: str) -> None:
    for name, content in OLDER.items():
        (place / name).write_bytes(content)
    before = contents(place)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (96, hard))
    try:
        code, _, wrong = run(*WRITING[command])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code == 2, wrong
    assert "cannot be written (File too large)" in wrong
    assert len(wrong.splitlines()) == 1
    assert contents(place) == before
    assert not list(place.glob(".*"))


def holding(target: Path) -> subprocess.Popen[str]:
    """Return another process that claims a target until it is killed."""
    code = f"""
from pathlib import Path
from facegap.run.files import claimed
with claimed(Path({str(target)!r})) as work:
    (work / "drafts").mkdir()
    print("claimed", flush=True)
    input()
"""
    other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "claimed\n"
    return other


def test_of_two_runs_into_one_place_the_second_says_so(run: Run, place: Path) -> None:
    before = contents(place)
    other = holding(place / "report")
    try:
        code, _, wrong = run("evaluate", "people.npz", "-o", "report")
        assert code == 2
        assert f"report is being written by process {other.pid} on " in wrong
        assert len(wrong.splitlines()) == 1
        assert contents(place) == before
        code, _, wrong = run(*WRITING["audit"])
        assert (code, wrong) == (0, "")
        assert (place / ".unfinished-report" / "drafts").is_dir(), "a living run keeps its work"
    finally:
        other.kill()
        other.communicate()
    assert (place / ".unfinished-report" / "drafts").is_dir()
    code, _, wrong = run(*WRITING["audit"])
    assert (code, wrong) == (0, "")
    assert not (place / ".unfinished-report").exists(), "a dead run's is removed"


def test_four_threads_write_one_folder_one_after_the_other_or_say_no(tmp_path: Path) -> None:
    said: list[str] = []

    def write(name: str) -> None:
        try:
            with written_folder(tmp_path / "out", ("a", "b")) as made:
                for file in "ab":
                    (made / file).write_text(name)
            said.append(name)
        except InputError as error:
            said.append(str(error))

    threads = [threading.Thread(target=write, args=(name,)) for name in "1234"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({(tmp_path / "out" / file).read_text() for file in "ab"}) == 1
    assert all(one in "1234" or "is being written by" in one for one in said), said
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_link_stays_a_link_and_a_pipe_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    with written_whole(tmp_path / "link.txt") as (draft,):
        draft.write_text("new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"
    os.mkfifo(tmp_path / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_text()))
    reader.start()
    with written_whole(tmp_path / "pipe") as (draft,):
        draft.write_text("through")
    reader.join()
    assert read == ["through"]
    assert (tmp_path / "pipe").is_fifo()


def test_the_folder_we_are_in_is_not_taken_away(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "a").write_text("old")
    monkeypatch.chdir(tmp_path)
    number = tmp_path.stat().st_ino
    with written_folder(Path(), ("a",)) as made:
        (made / "a").write_text("new")
    assert tmp_path.stat().st_ino == number
    assert contents(tmp_path) == {"a": b"new"}


def test_permissions_of_a_folder_stay(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    out.chmod(0o750)
    with written_folder(out, ("a",)) as made:
        (made / "a").write_text("new")
    assert out.stat().st_mode & 0o777 == 0o750


def test_folders_that_only_a_failed_run_made_are_gone(tmp_path: Path) -> None:
    with pytest.raises(KeyError), claimed(tmp_path / "new" / "below" / "file"):
        raise KeyError
    assert not list(tmp_path.iterdir())


def test_what_is_not_ours_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / ".unfinished-novel").mkdir()
    (tmp_path / ".unfinished-novel" / "chapter").write_text("one")
    with written_whole(tmp_path / "a") as (draft,):
        draft.write_text("new")
    assert (tmp_path / ".unfinished-novel" / "chapter").read_text() == "one"
