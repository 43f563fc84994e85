"""The peers, and how each gets an environment and runs there."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.job import Cost

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".venv-peers"


class Absent(Exception):
    """A peer cannot be installed, or does not run: why, in a line."""


@dataclass(frozen=True)
class Peer:
    """A package to be measured. `requirements`: as pip takes them. `does`: what it computes here, in words.

    `thresholds`: at how many it is to compute rates, one after the other; 0 where it has all of them at once.
    """

    name: str
    requirements: tuple[str, ...]
    does: str
    thresholds: int = 0


PEERS = (
    Peer(
        "evalify 1.0.0",
        ("evalify==1.0.0", "scikit-learn<1.6"),  # it fails with newer ones
        "all pairs, AUC, then nine rates at each of 100 thresholds; no intervals",
        thresholds=100,
    ),
    Peer(
        "cimat 0.1.2",
        ("cimat==0.1.2",),
        "AUC; FMR and FNMR at one threshold, with Wilson's interval on a plug-in variance",
    ),
    Peer(
        "pyeer 0.5.6",
        ("pyeer==0.5.6",),
        "FMR and FNMR at every score, EER, five operating points, AUC; no intervals",
    ),
)


def peer_named(name: str) -> Peer:
    """Return a peer by its name."""
    return next(peer for peer in PEERS if peer.name == name)


def run_script(peer: Peer, script: str, data: Path, environments: Path = ENVIRONMENTS) -> str:
    """Return what a script of a peer prints of a file, in its own environment, made if there is none.

    Raises:
        Absent: it cannot be installed here, or fails.
    """
    return _run([_python(peer, environments), "-m", script, data])


def run(peer: Peer, population: Path, environments: Path = ENVIRONMENTS) -> Cost:
    """Run a peer on the population in an `.npz` file, in its own environment, made if there is none.

    Raises:
        Absent: it cannot be installed here, or fails.
    """
    script = f"benchmarks.peers.{peer.name.split()[0]}_run"
    return Cost(**json.loads(run_script(peer, script, population, environments)))


def _python(peer: Peer, environments: Path) -> Path:
    """Return the interpreter of the peer's environment."""
    folder = environments / peer.name.replace(" ", "-")
    python, made = folder / "bin" / "python", folder / ".installed"
    asked = "\n".join(peer.requirements)
    if not (made.is_file() and made.read_text(encoding="utf-8") == asked):
        _run([sys.executable, "-m", "venv", "--clear", folder])
        _run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.requirements])
        made.write_text(asked, encoding="utf-8")
    return python


def _run(command: list) -> str:
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Absent((done.stderr.strip().splitlines() or ["it ended without a word"])[-1])
    return done.stdout
