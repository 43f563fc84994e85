"""Runs the commands of a page, and writes what they print below them.

`python -m sitemaker.examples PAGE...`, in `docs`, brings pages up to date. In each block of ```console a line that
begins with `$ ` is run, with those after it as long as a line ends with `\\`. All of a page run in one folder, which is
empty at first. The lines below become what was printed, on a terminal of 80 columns, without progress.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^\$ (?:.*\\\n)*.*\n", re.MULTILINE)
PROGRESS = re.compile(r"[a-z ]+: [\d,]+ of [\d,]+")
"""A line that a slow command prints once a minute."""

WRONG = 2
"""The exit code of a command that could not do what was asked; 1 is a rule that does not hold."""


def commands(page: str) -> list[list[str]]:
    """Return the commands of a page, in their order, each with its arguments."""
    return [_arguments(line) for block in BLOCK.findall(page) for line in COMMAND.findall(block)]


def renewed(page: str, folder: Path) -> str:
    """Return a page whose commands were run in a folder, with what they print now.

    Raises:
        RuntimeError: a command could not do what was asked.
    """
    return BLOCK.sub(lambda block: "".join(line + printed(line, folder) for line in COMMAND.findall(block[0])), page)


def printed(line: str, folder: Path) -> str:
    """Return what a command `$ facegap ...` prints, run in a folder."""
    program, *arguments = _arguments(line)
    if program != "facegap":
        raise RuntimeError(f"{line}: only facegap is run")
    as_shown = {"COLUMNS": "80", "NO_COLOR": "1", "FACEGAP_LANG": "en", "FACEGAP_STORE": "store"}
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **as_shown}
    done = subprocess.run(
        [sys.executable, "-m", "facegap", *arguments], cwd=folder, env=environment, capture_output=True, check=False
    )
    if done.returncode >= WRONG or done.returncode < 0:
        raise RuntimeError(f"{line}: exit code {done.returncode}\n{done.stderr.decode()}")
    shown = [each.rstrip() for each in done.stdout.decode().strip("\n").splitlines()]
    return "".join(f"{each}\n" for each in shown if not PROGRESS.fullmatch(each))


def _arguments(line: str) -> list[str]:
    return shlex.split(line.removeprefix("$ ").replace("\\\n", " "))


if __name__ == "__main__":
    for name in map(Path, sys.argv[1:]):
        with tempfile.TemporaryDirectory() as place:
            name.write_text(renewed(name.read_text(encoding="utf-8"), Path(place)), encoding="utf-8")
