"""What is not imported costs no time: how `import facegap` and `facegap --help` stay quick."""

import subprocess
import sys

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


def test_import_facegap_imports_nothing_else_of_it():
    assert {name for name in imported_by("import facegap") if name.startswith("facegap")} == {"facegap"}


def test_what_is_heavy_is_seen():
    assert "numpy" in imported_by("import facegap; facegap.Manifest")
