"""Kill a command before its steps: `python -m hardening.kill_commands FOLDER COMMAND KILLS` prints survived, tried.

The new files come from other people than the old ones, so that a mixture shows. Each kill is followed by what the next
run does first, every tenth by the whole command again.
"""

import contextlib
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import facegap.cli.terminal
import facegap.jobs.adapt
import facegap.jobs.audit
import facegap.jobs.calibrate
import facegap.jobs.check
import facegap.jobs.evaluating
import facegap.report.page.lookalike_page
import facegap.report.page.writer
import facegap.store.parts
from facegap.cli.app import main as facegap_main
from facegap.data.own_files import OWNED
from facegap.run.files import claimed_files, claimed_folder
from hardening.killing import contents, killed_at, restore, steps_of
from hardening.made import album, small_report
from jobs.adapt.conftest import quarters_network, write_people

RULE = ("-r", "auc[general] >= 0.8")
AGAIN = 10
Files = dict[str, bytes]
MODEL = ("model.onnx", "model.md", "model.split.csv")


def adapting(number: int) -> list[str]:
    return [
        "adapt", f"ours=../ours{number}", "-m", "../quarters.onnx", "--general", "../others", "--margin", "0.2",
        "--held-out", "0.4", "-o", "model.onnx", "--store", "../store", "--workers", "1",
    ]  # fmt: skip


COMMANDS: dict[str, tuple[Callable[[int], list[str]], tuple[str, ...], str | None]] = {
    "evaluate": (lambda n: ["evaluate", f"people=../people{n}.npz", "-o", "report"], (), "report"),
    "adapt": (adapting, MODEL, "model.report"),
    "audit": (lambda n: ["audit", f"people=../people{n}.npz", "-o", "audit.csv"], ("audit.csv",), None),
    "calibrate": (
        lambda n: ["calibrate", f"people=../people{n}.npz", "-o", "c.json"], ("c.json", "c.svg", "c.png"), None
    ),
    "check": (lambda n: ["check", f"../report{n}", *RULE, "--junit", "rules.xml"], ("rules.xml",), None),
}  # fmt: skip
"""How each is called for the old (1) and the new (2), which files it writes together, and which folder as a whole."""


def prepare(root: Path, command: str) -> None:
    for number in (1, 2):
        album(root / f"people{number}.npz", people=16, seed=number)
        small_report(root / f"report{number}", auc=0.9 + number / 100)
    if command == "adapt":
        quarters_network(root / "quarters.onnx")
        write_people(root / "others", subjects=20, told=9, seed=1)
        for number in (1, 2):
            write_people(root / f"ours{number}", subjects=50, seed=10 * number)


def run(arguments: list[str]) -> None:
    """Run a command in silence, as if it took no time, and without drawing the charts of a report."""
    # Only facegap's own clocks stand: what waits for a process would wait for ever.
    facegap.jobs.evaluating.time = SimpleNamespace(monotonic=lambda: 0.0)
    facegap.cli.terminal.LINE_SECONDS = facegap.store.parts.FLUSH_SECONDS = math.inf
    # Drawing takes the longest and writes nothing.
    facegap.report.page.writer.svg = lambda chart, title: f"<svg>{title}"
    facegap.report.page.writer.png = lambda drawn: drawn.encode()
    sys.argv = ["facegap", *arguments]
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)
    with contextlib.suppress(SystemExit):
        facegap_main()


def check(place: Path, old: Files, new: Files, files: tuple[str, ...], folder: str | None) -> None:
    """See that files are whole; and after what the next run does first, that those of one kind belong together."""
    now = contents(place)
    assert all(now.get(name) in (old.get(name), new.get(name)) for name in (*old, *new))
    if folder is not None:
        with claimed_folder(place / folder, OWNED):
            pass
    if files:
        with claimed_files(*(place / name for name in files)):
            pass
    now = contents(place)
    for names in (files, [name for name in new if folder and name.startswith(f"{folder}/")]):
        assert len({now[name] == new[name] for name in names if old[name] != new[name]}) <= 1, names
    assert now.keys() == new.keys(), "something is left"


def main(root: Path, command: str, kills: int) -> None:
    arguments, files, folder = COMMANDS[command]
    steps_of(lambda: prepare(root, command))  # in a fork: polars, once used, has threads
    place = root / "place"
    place.mkdir()
    os.chdir(place)
    steps_of(lambda: run(arguments(1)))
    old = contents(place)
    steps_of(lambda: run(arguments(2)))
    new = contents(place)
    _reset(place, old)
    steps = steps_of(lambda: run(arguments(2)))  # by now all is kept that need not be made twice
    assert old
    assert old.keys() == new.keys()
    chosen = [steps * k // kills for k in range(kills)] if steps > kills else [k % steps for k in range(kills)]
    survived = tried = 0
    for step in chosen:
        _reset(place, old)
        if not killed_at(step, lambda: run(arguments(2))):
            continue
        tried += 1
        try:
            check(place, old, new, files, folder)
            if tried % AGAIN == 1:
                steps_of(lambda: run(arguments(2)))
                assert contents(place) == new, "the run after it"
            survived += 1
        except (AssertionError, OSError) as error:
            print(f"step {step}: {error!r}", file=sys.stderr)
    print(survived, tried)


def _reset(place: Path, files: Files) -> None:
    """Make the working folder anew, with these files."""
    os.chdir(place.parent)
    restore(place, files)
    os.chdir(place)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
