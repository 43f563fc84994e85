"""Consoles of any encoding, and what is printed where nobody watches."""

import ast
import io
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import facegap
from facegap.cli import terminal
from facegap.cli.characters import ERRORS, register
from facegap.cli.console import Terminal
from facegap.cli.terminal import Bars
from jobs.check.made import evaluation, metric

ENCODINGS = ("ascii", "cp932", "cp1252")
NAMES = ("general", "young · women ≤ 30 − Zoë 若年")
COLOUR = re.compile("\x1b\\[[0-9;]*3[0-7]m")


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    made = evaluation(
        [metric("auc", 0.95, 0.9, 0.98), metric("auc", 0.5, 0.4, 0.6, cohort=NAMES[1])],
        cohorts=NAMES,
        notice="Faces − drawn.",
    )
    path = tmp_path_factory.mktemp("report") / "evaluation.json"
    path.write_bytes(made.to_json())
    return path


def check(report: Path) -> list[str]:
    return [sys.executable, "-m", "facegap", "check", str(report), "-r", f'auc["{NAMES[1]}"] >= 0.97']


def piped(command: list[str], **environment: str) -> tuple[int, bytes]:
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, **environment})
    return done.returncode, done.stdout + done.stderr


def on_a_terminal(command: list[str], **environment: str) -> tuple[int, bytes]:
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm", **environment}
    ) as process:
        os.close(theirs)
        found = b""
        while piece := _read(ours):
            found += piece
    os.close(ours)
    return process.returncode, found


def _read(number: int) -> bytes:
    try:
        return os.read(number, 65536)
    except OSError:  # Linux says so where the other side has closed
        return b""


@pytest.mark.parametrize("way", [piped, on_a_terminal])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_character_ends_a_run(encoding, way, report):
    code, printed = way(check(report), PYTHONIOENCODING=encoding, COLUMNS="200")
    text = printed.decode(encoding)
    assert code == 1, text
    assert "1 rule: 1 fails" in text
    assert re.search("Faces [−－-] drawn", text)
    assert re.search(r"young [·.] women (≤|<=) 30", text)
    assert "Traceback" not in text
    assert bool(COLOUR.search(text)) == (way is on_a_terminal)


def test_names_that_a_console_lacks_still_differ():
    register()
    written = {name.encode("cp1252", ERRORS) for name in ("若年", "高齢", "青年")}
    assert len(written) == 3


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_sign_of_facegaps_own_is_escaped(encoding):
    """Letters are left out, as in the names of authors, and the signs that spreadsheets read."""
    register()
    source = Path(facegap.__file__).parent
    signs = set()
    for path in source.rglob("*.py"):
        if path.name not in ("spreadsheet.py", "characters.py", "visible.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
            signs |= {sign for text in texts if isinstance(text, str) for sign in text if not sign.isalnum()}
    assert "−" in signs
    assert [sign for sign in sorted(signs) if sign.isprintable() and b"\\" in sign.encode(encoding, ERRORS)] == ["\\"]


def test_a_terminal_without_colours_on_request(report):
    assert not COLOUR.search(on_a_terminal(check(report), NO_COLOR="1")[1].decode())


def test_lines_are_as_wide_as_columns_says(report):
    code, printed = piped(check(report), COLUMNS="60", PYTHONIOENCODING="utf-8")
    lines = printed.decode().splitlines()
    assert code == 1
    assert 40 < max(map(len, lines)) <= 60


@pytest.fixture
def run(run, monkeypatch):
    monkeypatch.setattr(Terminal, "says_notes", True)
    return run


def test_the_version_is_said(run):
    assert run("--version") == (0, f"facegap {facegap.__version__}\n", "")


@pytest.mark.parametrize("arguments", [("-h",), ("check", "-h")])
def test_help_has_a_short_name(run, arguments):
    code, printed, _ = run(*arguments)
    assert (code, printed) == run(*arguments[:-1], "--help")[:2]
    assert code == 0
    assert "Usage:" in printed


@pytest.mark.parametrize("place", [0, 4])
def test_quiet_leaves_what_was_found_and_no_notes(run, report, place):
    arguments = ["check", str(report), "--rule", "auc[general] >= 0.8"]
    loud = run(*arguments)
    assert run(*arguments[:place], "-q", *arguments[place:]) == loud
    assert loud[0] == 0
    out = io.StringIO()
    Terminal(file=out).say("a note")
    assert out.getvalue() == ""


def test_options_after_the_dashes_are_arguments(run):
    code, _, wrong = run("check", "--rule", "auc >= 0.9", "--", "-q")
    assert code == 2
    assert "-q" in wrong


def test_verbose_logs_what_facegap_logs(run, report):
    logger = logging.getLogger("facegap")
    before = logger.handlers[:], logger.level, logger.propagate
    try:
        run("check", report, "-r", "auc[general] >= 0.8", "-v")
        assert logging.getLogger("facegap.store").isEnabledFor(logging.INFO)
        assert not logging.getLogger("PIL").isEnabledFor(logging.INFO)
    finally:
        logger.handlers[:], logger.level, logger.propagate = before


@pytest.mark.parametrize(
    ("place", "arguments", "said"),
    [
        ("facegap.jobs.evaluating.evaluate", ("evaluate", "faces", "-m", "dlib"), "the same command goes on where it"),
        ("facegap.data.report_files.read_report", ("check", "report", "-r", "auc >= 0.9"), "facegap: interrupted\n"),
    ],
)
def test_an_interrupted_command_says_whether_it_goes_on(run, monkeypatch, tmp_path, place, arguments, said):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(place, interrupted)
    code, _, wrong = run(*arguments)
    assert code == 130
    assert said in wrong


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(shell):
    asked = {"_FACEGAP_COMPLETE": f"complete_{shell}", "COMP_WORDS": "facegap ev", "COMP_CWORD": "1"}
    asked |= {"_TYPER_COMPLETE_ARGS": "facegap ev", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    code = "import sys; sys.argv = ['facegap']; from facegap.cli.app import main; main()"
    assert b"evaluate" in piped([sys.executable, "-c", code], **asked)[1]


def test_without_a_terminal_a_line_a_minute_says_how_far_the_work_is(monkeypatch):
    clock = iter([0.0, 1.0, 59.0, 61.0, 61.0, 90.0, 130.0, 130.0])
    monkeypatch.setattr(terminal.time, "monotonic", lambda: next(clock))
    out = io.StringIO()
    with Bars(Terminal(file=out, width=80)) as progress:
        for done in (1, 2, 3000, 4000, 5000):
            progress("embedding", done, 12000)
    assert out.getvalue().splitlines() == ["embedding: 3,000 of 12,000", "embedding: 5,000 of 12,000"]
