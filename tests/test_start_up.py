"""What is not imported costs no time: how `import facegap`, `facegap --help` and small commands stay quick."""

import subprocess
import sys
from collections.abc import Container
from importlib.util import find_spec
from pathlib import Path

import pytest

from facegap.synthetic import write_population
from hardening.made import small_report

HEAVY = (
    "PIL", "altair", "cv2", "dlib", "jinja2", "loky", "msgspec", "numba", "numpy", "onnx", "onnxruntime", "polars",
    "psutil", "pygments", "rich.markdown", "rich.progress", "scipy", "threadpoolctl", "torch", "vl_convert",
)  # fmt: skip


def imported_by(code: str, codes: Container[int] = (0,)) -> set[str]:
    """Return the modules that a new interpreter has imported once it has run the code and left with one of `codes`."""
    script = f"import atexit, sys\natexit.register(lambda: print(*sys.modules, sep='\\n', file=sys.stderr))\n{code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode in codes, done.stderr
    return set(done.stderr.split())


def command(*arguments: str | Path) -> str:
    """Return the code that runs a command line."""
    return f"sys.argv[1:] = {[*map(str, arguments)]}\nfrom facegap.cli.app import main\nmain()"


@pytest.mark.parametrize("code", ["import facegap", command("--help")], ids=["import facegap", "facegap --help"])
def test_nothing_heavy_is_imported(code):
    assert imported_by(code).isdisjoint(HEAVY)


COMPILERS = ("altair", "jinja2", "numba", "scipy.optimize", "torch", "vl_convert")
BEYOND_IMAGES = (*COMPILERS, "cv2", "facegap.datasets", "facegap.jobs.evaluating", "scipy.sparse", "scipy.special")


def test_importing_calibrations_imports_nothing_that_compiles_fits_or_draws():
    assert imported_by("import facegap; facegap.Calibration").isdisjoint({*COMPILERS, "cv2", "scipy.special"})


def test_verifying_two_images_imports_nothing_that_compares_fits_draws_or_starts_processes(tmp_path):
    write_population(tmp_path, subjects=1, images=2, spread=0.8, seed=0)
    verify = command("verify", *sorted(tmp_path.rglob("*.jpg")), "--model", "dlib")
    assert imported_by(verify, codes=(0, 1)).isdisjoint({*BEYOND_IMAGES, "loky", "pillow_jxl"})


def test_checking_a_report_imports_nothing_that_compares_fits_or_draws(tmp_path):
    small_report(tmp_path)
    check = command("check", tmp_path, "--rule", "auc >= 0")
    assert imported_by(check, codes=(0, 1)).isdisjoint({*BEYOND_IMAGES, "PIL", "loky", "onnx"})


@pytest.mark.skipif(find_spec("torch") is not None, reason="with torch it looks for a GPU")
def test_doctor_imports_neither_tables_nor_statistics():
    assert imported_by(command("doctor")).isdisjoint({*COMPILERS, "polars", "scipy"})


def test_import_facegap_imports_nothing_else_of_it():
    assert {name for name in imported_by("import facegap") if name.startswith("facegap")} == {"facegap"}


def test_what_is_heavy_is_seen():
    assert "numpy" in imported_by("import facegap; facegap.Manifest")
