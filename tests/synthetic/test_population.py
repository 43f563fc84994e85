from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facegap.errors import InputError
from facegap.synthetic import write_demo, write_population


def write(out: Path, **changes: object) -> dict[str, bytes]:
    options = {"subjects": 3, "images": 2, "spread": 0.8, "geometry_spread": 0.5, "seed": 11, "size": 64} | changes
    write_population(out, **options)  # pyright: ignore[reportArgumentType]
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*.jpg"))}


def test_a_folder_per_subject_with_numbered_photos(tmp_path: Path) -> None:
    files = write(tmp_path / "out", prefix="s")
    assert list(files) == [f"s{s:03d}/s{s:03d}_{k}.jpg" for s in (1, 2, 3) for k in (1, 2)]
    with Image.open(tmp_path / "out/s001/s001_1.jpg") as image:
        assert image.size == (64, 64)
        assert image.format == "JPEG"


def test_the_same_bytes_for_any_number_of_workers(tmp_path: Path) -> None:
    assert write(tmp_path / "one") == write(tmp_path / "two", workers=2)


def test_a_photo_does_not_depend_on_how_many_others_are_drawn(tmp_path: Path) -> None:
    few, many = write(tmp_path / "few"), write(tmp_path / "many", subjects=5, images=4)
    assert len(many) == 20
    assert {name: many[name] for name in few} == few


def test_another_seed_gives_other_photos(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a", seed=1), write(tmp_path / "b", seed=2)
    assert not set(first.values()) & set(second.values())


def test_progress_counts_the_subjects(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    write(tmp_path / "out", progress=lambda done, total: calls.append((done, total)))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_demo_writes_two_cohorts_of_different_subjects(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    write_demo(tmp_path, subjects=2, images=1, size=64, progress=lambda done, total: calls.append((done, total)))
    names = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.jpg"))
    assert names == [
        "general/g001/g001_1.jpg",
        "general/g002/g002_1.jpg",
        "hard/h001/h001_1.jpg",
        "hard/h002/h002_1.jpg",
        "hard/h003/h003_1.jpg",
        "hard/h004/h004_1.jpg",
    ], "twice as many hard subjects: half of them to learn from"
    pictures = [np.asarray(Image.open(tmp_path / name)) for name in names]
    assert all((pictures[0] != other).any() for other in pictures[1:])
    assert calls == [(done, 6) for done in range(1, 7)]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("subjects", 0), ("images", 0), ("size", 20), ("seed", -1), ("workers", 0),
        ("spread", -0.1), ("spread", 9.0), ("spread", float("nan")), ("geometry_spread", 2.0),
    ],
)  # fmt: skip
def test_numbers_out_of_range(tmp_path: Path, option: str, value: float) -> None:
    with pytest.raises(InputError, match=f"^{option} is {value}; give"):
        write(tmp_path / "out", **{option: value})
    assert not (tmp_path / "out").exists()


def test_demo_seed_out_of_range(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^seed is -1; give 0 or more"):
        write_demo(tmp_path, seed=-1)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty"):
        write(tmp_path)
    with pytest.raises(InputError, match="is not empty"):
        write_demo(tmp_path)
    with pytest.raises(InputError, match="is a file"):
        write(tmp_path / "mine.txt")
