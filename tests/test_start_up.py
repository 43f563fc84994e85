"""What is not imported costs no time: how `import facegap`, `facegap --help` and small commands stay quick."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

HEAVY = (
    "PIL", "altair", "cv2", "dlib", "jinja2", "loky", "msgspec", "numba", "numpy", "onnx", "onnxruntime", "polars",
    "psutil", "pygments", "rich.markdown", "rich.progress", "scipy", "threadpoolctl", "torch", "vl_convert",
)  # fmt: skip


def imported_by(code: str) -> set[str]:
    """Return the modules that a new interpreter has imported once it has run the code."""
    script = f"import atexit, sys\natexit.register(lambda: print(*sys.modules, sep='\\n', file=sys.stderr))\n{code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


HELP = "sys.argv[1:] = ['--help']\nfrom facegap.cli.app import main\nmain()"


@pytest.mark.parametrize("code", ["import facegap", HELP], ids=["import facegap", "facegap --help"])
def test_nothing_heavy_is_imported(code):
    assert imported_by(code).isdisjoint(HEAVY)


COMPILERS = ("altair", "jinja2", "numba", "scipy.optimize", "torch", "vl_convert")


@pytest.mark.parametrize("code", ["facegap.check", "facegap.verify", "facegap.Calibration"])
def test_small_jobs_import_nothing_that_compiles_fits_or_draws(code):
    assert imported_by(f"import facegap; {code}").isdisjoint({*COMPILERS, "cv2", "scipy.special"})


@pytest.mark.skipif(find_spec("torch") is not None, reason="with torch it looks for a GPU")
def test_doctor_imports_neither_tables_nor_statistics():
    doctor = "sys.argv[1:] = ['doctor']\nfrom facegap.cli.app import main\nmain()"
    assert imported_by(doctor).isdisjoint({*COMPILERS, "polars", "scipy"})


def test_import_facegap_imports_nothing_else_of_it():
    assert {name for name in imported_by("import facegap") if name.startswith("facegap")} == {"facegap"}


def test_what_is_heavy_is_seen():
    assert "numpy" in imported_by("import facegap; facegap.Manifest")
