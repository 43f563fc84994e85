"""What a fresh installation takes on the disk: `python -m benchmarks.install`, behind it the extras, e.g. `arcface`."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks import page
from benchmarks.section import Section, size

ROOT = Path(__file__).parents[1]
NOT_OURS = {"pip", "setuptools"}
"""What a new environment holds already."""

NAMED = 1_000_000
"""Packages of fewer bytes share one row."""


@dataclass(frozen=True)
class Package:
    """A package that was installed, and the bytes of its files, compiled modules among them."""

    name: str
    version: str
    bytes: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Install into a new environment and print how large each package is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.install", description=__doc__)
    parser.add_argument("extras", nargs="*", help="extras to install too, e.g. arcface yunet")
    asked = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        page.show(Console(highlight=False), section(installed(Path(folder), asked.extras)))


def installed(folder: Path, extras: Sequence[str] = ()) -> list[Package]:
    """Install facegap from this checkout into a new environment in `folder`; return its packages, the largest first."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    (python,) = (*folder.glob("bin/python"), *folder.glob("Scripts/python.exe"))
    what = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", what], check=True
    )
    return packages_in(next(folder.rglob("site-packages")))


def packages_in(site: Path) -> list[Package]:
    """Return the packages in a folder of packages, the largest first."""
    found = [Package(one.name, one.version, _bytes(one)) for one in distributions(path=[str(site)])]
    return sorted((one for one in found if one.name not in NOT_OURS), key=lambda one: (-one.bytes, one.name))


def section(packages: Sequence[Package]) -> Section:
    """Return the table: the large packages, the others together, and all."""
    large = [one for one in packages if one.bytes >= NAMED]
    others = packages[len(large) :]
    rows = [(f"{one.name} {one.version}", size(one.bytes)) for one in large]
    rows.append((f"{len(others)} others", size(sum(one.bytes for one in others))))
    rows.append((f"{len(packages)} packages", size(sum(one.bytes for one in packages))))
    about = "Installed into a new environment with the versions of `constraints.txt`; 1 MB is a million bytes."
    return Section("A fresh installation", about, ("", "on the disk"), tuple(rows))


def _bytes(one: Distribution) -> int:
    paths = [Path(str(file.locate())) for file in one.files or ()]
    return sum(path.stat().st_size for path in paths if path.is_file())


if __name__ == "__main__":
    main()
