"""Do two versions of the source give the same numbers? Run it before and after a change that should move none.

    python tests/same_numbers.py OLD/src NEW/src
    python tests/same_numbers.py OLD/src NEW/src --also 'people.csv --cohort sex --model dlib --model b=b.onnx'

Both evaluate made faces in two cohorts, a pairs list of them, and saved embeddings; `--also` adds other runs. Rows of
`metrics`, `differences` and `differentials` must be the same to the last bit; what `method` says is compared in words,
as older versions wrote it.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from facegap.data.statement import text_of
from facegap.report.text.methods import method_text

TABLES = ("metrics", "differences", "differentials")


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 1 where numbers differ."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("source", nargs=2, type=Path, help="folders that hold facegap/: before and after")
    asked.add_argument("--also", action="append", default=[], help="arguments of another `facegap evaluate`")
    options = asked.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        runs = [*made(Path(folder), options.source[1]), *map(shlex.split, options.also)]
        return max([compare(run, options.source, Path(folder)) for run in runs])


def made(folder: Path, source: Path) -> Iterator[list[str]]:
    """Make data in a folder, and yield the arguments of runs on them."""
    people = folder / "people"
    for cohort, seed in (("a", 1), ("b", 2)):
        facegap(source, "synth", str(people / cohort), "--subjects", "12", "--images", "3", "--seed", str(seed))
    cohorts = [f"{name}={people / name}" for name in ("a", "b")]
    yield [*cohorts, "--model", "dlib", "--failures", "rejected", "--threshold-from", "a", "--at", "fmr=0.1"]
    yield [str(listed(people / "a")), "--model", "dlib"]
    saved = [saved_embeddings(folder / f"{name}.npz", seed) for name, seed in (("c", 3), ("d", 4))]
    yield [*(f"{path.stem}={path}" for path in saved), "--genuine-share", "0.01", "--level", "0.9"]


def listed(images: Path) -> Path:
    """Write a list of all pairs of the first 20 images and return its path."""
    paths = sorted(images.rglob("*.png")) or sorted(images.rglob("*.jpg"))
    person = [path.name.rpartition("_")[0] or path.parent.name for path in paths]
    pairs = [(i, j) for j in range(min(20, len(paths))) for i in range(j)]
    rows = [f"{paths[i]},{paths[j]},{int(person[i] == person[j])}" for i, j in pairs]
    path = images.parent / "pairs.csv"
    path.write_text("\n".join(["path_a,path_b,same", *rows]) + "\n", encoding="utf-8")
    return path


def saved_embeddings(path: Path, seed: int) -> Path:
    """Write embeddings of 40 subjects with 1 to 6 images and return the path."""
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(40), rng.integers(1, 7, 40))
    vectors = rng.normal(size=(40, 16))[subject] + rng.normal(size=(len(subject), 16))
    np.savez(path, embedding=vectors.astype(np.float32), subject=subject.astype(str))
    return path


def compare(run: Sequence[str], sources: Sequence[Path], folder: Path) -> int:
    """Evaluate with both sources, print which tables differ, and return 1 if one does."""
    found = []
    for version, source in enumerate(sources):
        out = folder / f"report-{version}-{len(list(folder.iterdir()))}"
        facegap(source, "evaluate", *run, "--out", str(out), "--store", str(folder / f"store-{version}"), "--no-images")
        tables = json.loads((out / "evaluation.json").read_text(encoding="utf-8"))
        found.append({name: in_words(tables[name]) for name in TABLES})
    different = [name for name in TABLES if found[0][name] != found[1][name]]
    rows = {name: len(next(iter(found[0][name].values()))) for name in TABLES}
    print(f"{shlex.join(run)}: {', '.join(different) + ' differ' if different else f'the same, {rows}'}")
    return int(bool(different))


def in_words(table: dict[str, list]) -> dict[str, list]:
    """Return a table with what `method` says in words, whichever version wrote it."""
    values = table.get("method_values") or [None] * len(table["method"])
    rows = [
        {"method": code, "method_values": one and text_of(one)}
        for code, one in zip(table["method"], values, strict=True)
    ]
    plain = {name: column for name, column in table.items() if name != "method_values"}
    return {**plain, "method": [method_text(row) for row in rows]}


def facegap(source: Path, *arguments: str) -> None:
    """Run the command line of one source."""
    path = os.pathsep.join([str(source.resolve()), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    ran = subprocess.run(
        [sys.executable, "-m", "facegap", *arguments], env={**os.environ, "PYTHONPATH": path}, capture_output=True
    )
    if ran.returncode:
        sys.exit(f"facegap {shlex.join(arguments)} ended with {ran.returncode}: {ran.stderr.decode()[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
