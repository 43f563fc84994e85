"""Scores that were made elsewhere, as a Parquet file: memory and time beside scikit-learn and pyeer.

`python -m benchmarks.given_scores --scores 100000000` does this benchmark alone, at that size.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks import page
from benchmarks.peers.environment import Absent, Peer, peer_named, run_script
from benchmarks.peers.job import Cost
from benchmarks.section import Goal, Section, duration, figure, size

MOST_MEMORY = 2e9
"""Bytes that facegap may hold, whatever the number of scores."""

FEWER = {"scikit-learn": 10, "pyeer 0.5.6": 100}
"""How many times fewer scores the others get: they hold all in memory, pyeer as Python lists."""

DOES = {
    "facegap": "AUC, EER, all rates, and intervals on subjects",
    "scikit-learn": "`roc_curve` and `roc_auc_score`; no intervals",
    "pyeer 0.5.6": "FMR and FNMR at every score, EER, five operating points, AUC; no intervals",
}
ABOUT = """\
A Parquet file of `path_a`, `path_b`, `score` and both subjects, from the file to the numbers, each in a process of its
own. Memory is the peak beyond what the process held before it began. *Times facegap* is the time over facegap's for as
many scores, in the same run."""


def given_scores(scores: int, *, peers: bool, say: Callable[[str], None]) -> Section:
    """Measure facegap at all sizes, and the others at those that they can do; who cannot be had is named."""
    rows, notes, costs = [], [], {}
    ways = {name: scores // fewer for name, fewer in FEWER.items() if peers or name == "scikit-learn"}
    with TemporaryDirectory() as folder:
        for n in sorted({scores, *ways.values()}):
            path = Path(folder, f"{n}.parquet")
            say(f"writing {n:,} scores")
            _here("make", path, n)
            say(f"{n:,} scores with facegap")
            costs[n] = _cost(_here("facegap", path))
            rows.append(_cells("facegap", n, costs[n], costs[n]))
            for name in (name for name, size_of in ways.items() if size_of == n):
                say(f"{n:,} scores with {name}")
                try:
                    rows.append(_cells(name, n, _others(name, path), costs[n]))
                except Absent as why:
                    notes.append(f"{name} is left out, because it cannot be installed or run here: {why}")
            path.unlink()
    return Section(
        "Scores of a black box",
        ABOUT,
        ("", "computes", "scores", "time", "scores a second", "memory", "times facegap", "AUC"),
        tuple(rows),
        notes=tuple(notes),
        goals=(Goal(f"memory for {scores:,} scores, in GB", MOST_MEMORY / 1e9, costs[scores].peak / 1e9, most=True),),
    )


def _others(name: str, path: Path) -> Cost:
    if name == "scikit-learn":
        return _cost(_here(name, path))
    _here("split", path)
    peer: Peer = peer_named(name)
    return _cost(run_script(peer, "benchmarks.peers.pyeer_scores_run", path.with_suffix(".npz")))


def _here(what: str, path: Path, *more: object) -> str:
    command = [sys.executable, "-m", "benchmarks.given_scores_run", what, str(path), *map(str, more)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _cost(printed: str) -> Cost:
    return Cost(**json.loads(printed.strip().splitlines()[-1]))


def _cells(name: str, scores: int, cost: Cost, ours: Cost) -> tuple[str, ...]:
    times = "1" if cost is ours else figure(cost.once / ours.once)
    made = f"{scores:,}", duration(cost.once), figure(scores / cost.once), size(cost.peak), times, f"{cost.area:.6f}"
    return name, DOES[name], *made


def main() -> None:
    """Run this benchmark alone."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.given_scores", description=__doc__)
    parser.add_argument("--scores", type=int, default=100_000_000, help="how many scores facegap is given")
    asked = parser.parse_args()
    console = Console(width=150, highlight=False)

    def say(line: str) -> None:
        console.print(f"{line} ...", style="dim", markup=False)

    page.show(console, given_scores(asked.scores, peers=True, say=say))


if __name__ == "__main__":
    main()
