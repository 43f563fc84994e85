"""What is released: one version, archives that an index takes, a wheel that runs where nothing else is installed."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UV = (sys.executable, "-m", "uv", "--quiet")
NEVER_REACHED = ("error sending request", "dns error")


def version() -> str:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def test_the_changelog_begins_with_the_version() -> None:
    newest = re.search(r"^## (\S+) \((.+)\)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == version()
    assert newest[2] == "unreleased" or re.fullmatch(r"\d{4}-\d\d-\d\d", newest[2])


def test_the_version_stands_in_one_place() -> None:
    """What people cite, build and run takes it from the package."""
    places = ["CITATION.cff", "Dockerfile", "action.yml", "compose.yaml", *map(str, (ROOT / "src").rglob("*.py"))]
    assert [path for path in places if f"{version()}" in (ROOT / path).read_text(encoding="utf-8")] == []


def ran(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    """Run a command as in a new shell, without what the tests set; return what it printed."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(command, cwd=cwd, env={**kept, **environment}, capture_output=True, text=True, check=False)
    if any(said in done.stderr for said in NEVER_REACHED):
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the wheel, which is built from the source archive, and that archive."""
    folder = tmp_path_factory.mktemp("dist")
    ran(*UV, "build", "--out-dir", folder)
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, source


def pythons() -> dict[str, Path]:
    """Return the oldest Python that facegap takes, and the newest that this machine has, by version."""
    places = [Path(found) for minor in range(11, 30) if (found := shutil.which(f"python3.{minor}"))]
    places += Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv").glob("versions/3.*/bin/python3")
    found: dict[tuple[int, int], Path] = {}
    for place in places:
        asked = [place, "-c", "import sys; print(*sys.version_info[:2])"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.returncode == 0 and (numbers := (*map(int, done.stdout.split()),)) >= (3, 11):
            found[numbers] = place
    return {f"{major}.{minor}": found[major, minor] for major, minor in sorted({min(found), max(found)})}


@pytest.mark.slow
def test_an_index_takes_both_archives(archives: tuple[Path, Path]) -> None:
    assert f"facegap-{version()}" in archives[0].name
    ran(*UV, "tool", "run", "twine", "check", "--strict", *archives)


@pytest.mark.slow
def test_the_wheel_holds_all_that_is_read_at_run_time(archives: tuple[Path, Path]) -> None:
    held = {name for name in zipfile.ZipFile(archives[0]).namelist() if name.startswith("facegap/")}
    source = ROOT / "src"
    tracked = {str(path.relative_to(source).as_posix()) for path in source.rglob("*") if path.is_file()}
    assert held == {name for name in tracked if "__pycache__" not in name}
    assert "facegap/py.typed" in held


@pytest.mark.slow
@pytest.mark.parametrize("python", pythons())
def test_the_wheel_alone_runs_the_demo(archives: tuple[Path, Path], python: str, tmp_path: Path) -> None:
    ran(*UV, "venv", "--python", pythons()[python], tmp_path / "venv")
    scripts = next(path.parent for path in (tmp_path / "venv").glob("*/activate"))
    own = ("--python", scripts / "python")
    ran(*UV, "pip", "install", *own, "--constraint", ROOT / "constraints.txt", archives[0])
    out = tmp_path / "away from the source"
    out.mkdir()
    where = {"FACEGAP_STORE": str(tmp_path / "store"), "NUMBA_CACHE_DIR": str(tmp_path / "compiled")}
    code = "import facegap, sys; print(facegap.__version__, facegap.__file__, '%d.%d' % sys.version_info[:2])"
    said = ran(scripts / "python", "-W", "error", "-c", code, cwd=out)
    assert said.split()[0] == version()
    assert str(tmp_path) in said
    assert said.split()[-1] == python
    shown = ran(scripts / "facegap", "demo", "--subjects", "20", "--images", "3", cwd=out, **where)
    assert "Gain: dlib adapted is better on hard" in " ".join(shown.split())
    assert (out / "demo" / "report" / "index.html").is_file()
