"""The table of what an installation takes."""

from pathlib import Path

from benchmarks.install import Package, packages_in, section


def put(site: Path, name: str, sizes: dict[str, int]) -> None:
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    for path, count in sizes.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(bytes(count))
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in [*sizes, "absent.pyc"]), encoding="utf-8")


def test_packages_are_as_large_as_their_files(tmp_path: Path) -> None:
    put(tmp_path, "small", {"small.py": 300})
    put(tmp_path, "large", {"large/one.so": 1_500_000, "large.libs/two.so": 2_500_000, "large/__pycache__/a.pyc": 7})
    put(tmp_path, "pip", {"pip/all.py": 9_000_000})
    (tmp_path / "large" / "made-later.npz").write_bytes(bytes(5_000_000))
    assert packages_in(tmp_path) == [Package("large", "1.0", 4_000_007), Package("small", "1.0", 300)]


def test_small_packages_share_a_row() -> None:
    packages = [Package("large", "1.0", 3_000_000), Package("b", "2", 600_000), Package("a", "1", 400_000)]
    assert section(packages).rows == (("large 1.0", "3 MB"), ("2 others", "1 MB"), ("3 packages", "4 MB"))
