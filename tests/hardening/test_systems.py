"""Linux, macOS and Windows: what is installed there, what the code asks of them, files that go from one to another."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from facegap import Comparator, EmbeddingStore, Evaluation, Model, ModelSpec, embed
from facegap.datasets import read, read_source
from facegap.datasets.located import Located
from facegap.report.page.writer import write_report
from facegap.synthetic import write_population
from jobs.check.made import evaluation, metric
from running import Run

ROOT = Path(__file__).parents[2]
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
OLDEST_MACOS = "14.0"
"""That of dlib-bin's wheels."""

NOT_PINNED = ("cuda-", "nvidia-", "setuptools", "triton")
"""What torch brings with itself, and what a new environment may hold already."""

FROM_SOURCE: dict[str, str] = {}
"""Packages that come as source alone, and why that is accepted: today there is none."""


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_is_pinned_comes_as_wheels(platform: str, python: str) -> None:
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "pyproject.toml"]
    command += ["--constraint", "constraints.txt", "--python-platform", platform, "--python-version", python]
    command += [f"--extra={extra}" for extra in ("arcface", "yunet", "train", "jxl")]
    command += ["--only-binary", ":all:"]
    command += [option for name in FROM_SOURCE for option in ("--no-binary", name)]
    environment = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": OLDEST_MACOS}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if "error sending request" in done.stderr or "dns error" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr
    pinned = set((ROOT / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-").split())
    found = {line for line in done.stdout.split("\n") if "==" in line}
    assert "dlib-bin" in done.stdout
    assert {line for line in found if not line.startswith(NOT_PINNED)} <= pinned


@pytest.mark.slow
@pytest.mark.parametrize("system", ["Windows", "Darwin"])
def test_the_code_asks_no_system_for_what_it_lacks(system: str) -> None:
    """The type checker knows which functions each system has."""
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--pythonplatform", system, "src"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faces")
    write_population(folder / "people", subjects=2, images=2, spread=1.0, seed=0)
    return folder


def written_on_windows(path: Path, lines: list[str]) -> Path:
    """Write lines as a spreadsheet on Windows does: a byte order mark, and two characters at the end of each line."""
    path.write_bytes("\ufeff".encode() + "".join(f"{line}\r\n" for line in lines).encode())
    return path


def images_of(folder: Path) -> list[tuple[str, str]]:
    """Return the path of each image as Windows writes it, and its subject."""
    paths = sorted(folder.rglob("*.jpg"))
    return [("\\".join(path.relative_to(folder).parts), path.parent.name) for path in paths]


def test_a_table_that_was_written_on_windows(faces: Path) -> None:
    rows = images_of(faces)
    table = written_on_windows(faces / "table.csv", ["path,subject", *(f"{path},{subject}" for path, subject in rows)])
    manifest = read([str(table)])
    assert len(manifest) == 4
    assert all(Path(path).is_file() for path in manifest.paths)


@pytest.mark.parametrize("name", ["pairs.csv", "pairs.txt"])
def test_pairs_that_were_written_on_windows(faces: Path, name: str) -> None:
    (a, _), (b, _), (c, _), _ = images_of(faces)
    lines = {
        "pairs.csv": ["path_a,path_b,same", f"{a},{b},1", f"{a},{c},0"],
        "pairs.txt": [f"{a} {b} 1", f"{a} {c} 0"],
    }[name]
    pairs = written_on_windows(faces / name, lines)
    manifest = read_source([str(pairs)]).manifest
    assert len(manifest) == 3
    assert all(Path(path).is_file() for path in manifest.paths)


@pytest.mark.skipif(os.sep == "\\", reason="no file has a backslash in its name here")
def test_a_file_may_have_a_backslash_in_its_name(tmp_path: Path) -> None:
    (tmp_path / "a\\b.jpg").touch()
    located = Located(tmp_path)
    assert located.path("a\\b.jpg") == str(tmp_path / "a\\b.jpg")
    assert located.path("c\\b.jpg") == str(tmp_path / "c" / "b.jpg")


def test_a_report_of_windows_is_read_judged_and_written_again(tmp_path: Path, run: Run) -> None:
    made = evaluation([metric("auc", 0.95, 0.9, 0.98)], cohorts=("general",))
    here = "C:\\faces\\Zoë\\1.jpg"
    sheet = pl.DataFrame({"cohort": ["general"], "path": [here], "subject": ["Zoë"]}, schema=made.sheet.schema)
    made = replace(made, sheet=sheet, models=made.models.with_columns(comparator=pl.lit("cosine")))
    (tmp_path / "there").mkdir()
    made.to_parquet(tmp_path / "there" / "evaluation.parquet")
    text = made.to_json().replace(b"\n", b"\r\n")
    (tmp_path / "there" / "evaluation.json").write_bytes(text)
    back = Evaluation.from_parquet(tmp_path / "there" / "evaluation.parquet")
    assert back.sheet["path"].to_list() == [here]
    code, out, err = run("check", tmp_path / "there", "-r", "auc[general] >= 0.8")
    assert (code, err) == (0, ""), out
    page = write_report(back, tmp_path / "again", charts=())
    assert "Zoë" in page.read_text(encoding="utf-8")


def test_a_store_that_was_moved_is_read(faces: Path, tmp_path: Path) -> None:
    """Its names hold no path: a folder that another system filled is copied, without permissions or times."""
    shown: list[int] = []

    def mean_colour(crops: np.ndarray) -> np.ndarray:
        shown.append(len(crops))
        return crops.mean(axis=(1, 2)).astype(np.float32)

    model = Model(embed=mean_colour, spec=ModelSpec("mean", "python", "v1", "whole", 8, 3, Comparator.COSINE))
    manifest = read([str(faces / "people")])
    there = embed(manifest, model, store=EmbeddingStore(tmp_path / "there"))
    assert sum(shown) >= 4
    for path in sorted((tmp_path / "there").rglob("*")):
        target = tmp_path / "here" / path.relative_to(tmp_path / "there")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.mkdir() if path.is_dir() else shutil.copyfile(path, target)
    shown.clear()
    here = embed(manifest, model, store=EmbeddingStore(tmp_path / "here"))
    np.testing.assert_array_equal(here.vectors, there.vectors)
    assert not shown
