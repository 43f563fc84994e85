"""What small commands cost: processor seconds, held against a bare import of the packages that they need."""

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import facegap
from benchmarks import population
from benchmarks.section import Goal, Section, duration, figure
from benchmarks.timing import ratio
from facegap.synthetic import write_population

MOST_SECONDS = 1.0
MOST_RATIO = 1.5
DIMENSION = 32
IMAGES = 100


@dataclass(frozen=True)
class Small:
    """A command, and the code that only imports what it needs."""

    arguments: tuple[str, ...]
    needs: str


def small_commands(starts: int) -> Section:
    """Run `doctor`, `check` and `verify` and the imports that they need, in turns."""
    with TemporaryDirectory() as folder:
        commands = _commands(Path(folder))
        for one in commands.values():
            _processor_seconds(_facegap(one))  # what is kept for later is made now
        taken = {name: ([], []) for name in commands}
        for _ in range(starts):
            for name, one in commands.items():
                for way, seconds in zip((_facegap(one), _bare(one)), taken[name], strict=True):
                    seconds.append(_processor_seconds(way))
    rows = tuple(
        (f"`facegap {name}`", duration(median(ours)), duration(median(bare)), figure(ratio(ours, bare)))
        for name, (ours, bare) in taken.items()
    )
    goals = [
        Goal(f"`facegap {name}`: processor time, times a bare import", MOST_RATIO, ratio(*both), most=True)
        for name, both in taken.items()
    ]
    goals += [
        Goal(f"`facegap {name}`: processor time", MOST_SECONDS, median(taken[name][0]), " s", most=True)
        for name in commands
    ]
    about = (
        "Processor time from the start of a new interpreter to its end. Beside it: a command of typer that "
        "only imports the packages that ours needs. `verify` is given two images and `--model dlib`."
    )
    return Section("Small commands", about, ("", "time", "a bare import", "times that"), rows, goals=tuple(goals))


def _commands(folder: Path) -> dict[str, Small]:
    (folder / "evaluation.json").write_bytes(_evaluation().to_json())
    write_population(folder / "faces", subjects=1, images=2, spread=0.8, seed=0)
    images = tuple(str(path) for path in sorted((folder / "faces").rglob("*.jpg")))
    check = ("check", str(folder), "--rule", "auc >= 0.5")
    verify = ("verify", *images, "--model", "dlib")
    of_verify = "import numpy, polars, msgspec, PIL.Image, dlib, onnx, onnxruntime"
    return {
        "doctor": Small(("doctor",), "import numpy, loky, onnx, onnxruntime"),
        "check": Small(check, "import numpy, polars, msgspec"),
        "verify": Small(verify, of_verify),
    }


def _evaluation() -> facegap.Evaluation:
    vectors, subject = population.draw(IMAGES, DIMENSION)
    embeddings, manifest, spec = population.study(vectors, subject, facegap.Comparator.COSINE)
    return facegap.measure([facegap.score(embeddings, manifest, spec)], manifest)


def _facegap(one: Small) -> tuple[str, ...]:
    return ("-m", "facegap", *one.arguments)


def _bare(one: Small) -> tuple[str, ...]:
    code = f"import rich.table, typer\ndef command(name: str = 'a') -> None:\n    {one.needs}\ntyper.run(command)"
    return ("-c", code)


def _processor_seconds(arguments: Sequence[str]) -> float:
    """Return the processor seconds of a new interpreter; what it prints goes nowhere.

    It keeps compiled modules, as an installation has them, wherever the benchmark itself was told not to.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *arguments], env=kept, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
