"""What a container does, without one: another user, no home, an installation that nobody can write, any console."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import facegap
from facegap.synthetic import write_population

pytestmark = pytest.mark.slow

INSTALLED = {
    "python": Path(sys.base_prefix),
    "packages": Path(sysconfig.get_path("purelib")),
    "source": Path(facegap.__file__).parents[1],
}
"""What facegap runs from. Other users may not reach it where it lies, so it is mounted in the folder of the test."""

NOBODY, SOMEBODY = 65534, 1000

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Return a folder that every user can enter, with drawn faces, and a folder `out` that every user can write."""
    made = Path(tempfile.mkdtemp(prefix="facegap-container-"))
    try:
        made.chmod(0o755)
        for cohort, spread in (("general", 1.0), ("hard", 0.6)):
            write_population(made / cohort, subjects=6, images=3, spread=spread, seed=1)
        for name in INSTALLED:
            (made / name).mkdir()
        for name in ("out", "tmp"):
            (made / name).mkdir()
            (made / name).chmod(0o1777)
        yield made
    finally:
        shutil.rmtree(made)


@pytest.fixture(scope="module")
def contained(folder) -> Run:
    """Return a function that runs facegap as a user without a home, where nothing that is installed can be written."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can become another user and mount folders read-only")
    if not (shutil.which("unshare") and shutil.which("setpriv")):
        pytest.skip("unshare and setpriv, of util-linux, are not installed")
    if not works("unshare", "--mount", "true"):
        pytest.skip("this machine lets nobody have mounts of their own")

    installed = [read_only(place, folder / name) for name, place in INSTALLED.items()]
    temporary = [read_only(place, place) for place in map(Path, ("/tmp", "/var/tmp")) if place.is_dir()]
    python = str(folder / "python" / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")
    packages = os.pathsep.join(str(folder / name) for name in ("source", "packages"))

    def run(
        *arguments: str, user: int = NOBODY, closed: bool = False, **environment: str
    ) -> subprocess.CompletedProcess[bytes]:
        given = {"PATH": os.defpath, "TMPDIR": str(folder / "tmp"), "PYTHONPATH": packages, **environment}
        command = shlex.join(
            ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "env", "-i"]
            + [f"{name}={value}" for name, value in given.items()]
            + [python, "-m", "facegap", *arguments]
        )
        script = " && ".join([*(temporary if closed else ()), *installed, f"exec {command}"])
        return subprocess.run(
            ["unshare", "--mount", "bash", "-c", script], cwd=folder / "out", capture_output=True, check=False
        )

    return run


def read_only(place: Path, where: Path) -> str:
    return f"mount --bind {shlex.quote(str(place))} {where} && mount -o remount,ro,bind {where}"


def works(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def shown(done: subprocess.CompletedProcess[bytes], encoding: str = "utf-8") -> str:
    text = (done.stdout + done.stderr).decode(encoding)
    assert "Traceback" not in text
    return text


@pytest.mark.parametrize("encoding", ["ascii", "cp932", "cp1252"])
def test_the_main_job_runs(contained, folder, encoding):
    cohorts = [f"{name}={folder / name}" for name in ("general", "hard")]
    report = folder / "out" / encoding
    done = contained("evaluate", *cohorts, "--model", "dlib", "-o", str(report), PYTHONIOENCODING=encoding)
    assert done.returncode == 0, shown(done, encoding)
    assert str(report / "index.html") in shown(done, encoding)
    assert (report / "index.html").stat().st_uid == NOBODY
    done = contained(
        "check", str(report), "-r", "auc[general] >= 0.1", "--junit", "rules.xml", PYTHONIOENCODING=encoding
    )
    assert done.returncode == 0, shown(done, encoding)
    assert "1 rule: 1 holds" in shown(done, encoding)


def test_doctor_says_where_things_are_kept(contained, folder):
    done = contained("doctor", user=SOMEBODY, HOME="/proc", COLUMNS="200")
    assert done.returncode == 0, shown(done)
    own = folder / "tmp" / f"facegap-{SOMEBODY}"
    assert re.search(rf"store +\S +{own} ", shown(done))
    assert re.search(rf"compiled loops +\S +{own / 'compiled'} ", shown(done))


def test_a_decision_where_nothing_at_all_can_be_written(contained, folder):
    images = [str(path) for path in sorted((folder / "general").rglob("*.jpg"))[:2]]
    done = contained("verify", *images, "--model", "dlib", user=SOMEBODY, HOME="/proc", closed=True)
    assert done.returncode in (0, 1), shown(done)
    assert "Decision" in shown(done)
    doctor = contained("doctor", user=SOMEBODY, HOME="/proc", closed=True, COLUMNS="200")
    assert "made in each run: no folder can be written, set FACEGAP_STORE to one" in shown(doctor)
