import os
from pathlib import Path

import numpy as np
import pytest

import facegap
from facegap.data.comparator import Comparator
from facegap.datasets.archives import shards_below
from facegap.datasets.images import find_images, is_image
from facegap.report.text.findings import finding_text
from facegap.synthetic import write_population


def names(root: Path) -> list[str]:
    return ["/".join(parts) for parts in find_images(root).images]


def test_suffixes() -> None:
    assert all(map(is_image, ["a.jpg", "a.PNG", "a.b.JpEg", "a.webp", "a.bmp", "a.tif", "a.heic", "a.avif", "a.jp2"]))
    assert not any(map(is_image, ["a", "a.txt", "a.csv", "a.pdf", "a.mpg", "a.h5", "a.npz", "jpg", "a.jpg.zip"]))


def test_images_are_sorted_and_other_files_counted(tree) -> None:
    root = tree("b/2.jpg", "b/1.JPG", "a.png", "notes.txt", "b/more.txt", "README")
    found = find_images(root)
    assert names(root) == ["a.png", "b/1.JPG", "b/2.jpg"]
    (finding,) = found.findings
    assert finding.kind == "ignored"
    assert "3 files, no images by their suffixes (2 .txt, 1 without suffix)" in finding_text(finding)


def test_clutter_is_passed_over_silently(tree) -> None:
    root = tree("a.png", ".hidden.png", "__MACOSX/a.png", "Thumbs.db", "@eaDir/a.png", ".git/a.png", ".DS_Store")
    assert names(root) == ["a.png"]
    assert not find_images(root).findings


def test_a_hidden_root_is_read(tree) -> None:
    assert names(tree("a.png", folder=".photos")) == ["a.png"]


def test_empty_files_and_dangling_links_are_kept(tree) -> None:
    root = tree("a.png")
    (root / "empty.png").touch()
    (root / "gone.png").symlink_to("nowhere.png")
    (root / "self.png").symlink_to("self.png")
    assert names(root) == ["a.png", "empty.png", "gone.png", "self.png"]


def test_a_pipe_is_no_image(tree) -> None:
    root = tree("a.png")
    os.mkfifo(root / "pipe.png")
    (root / "link.png").symlink_to("pipe.png")
    assert names(root) == ["a.png"]
    assert "2 .png" in finding_text(find_images(root).findings[0])


def test_a_loop_of_links_ends(tree) -> None:
    root = tree("a/1.png", "b/2.png")
    (root / "a" / "up").symlink_to(root)
    (root / "b" / "a").symlink_to(root / "a")
    assert names(root) == ["a/1.png", "b/2.png"]


def test_a_linked_file_counts_once_under_its_first_path(tree) -> None:
    root = tree("m/1.png")
    (root / "a.png").symlink_to(root / "m" / "1.png")
    (root / "z.png").symlink_to(root / "m" / "1.png")
    assert names(root) == ["a.png"]


def test_a_linked_folder_counts_once_under_its_first_path(tree) -> None:
    root = tree("m/1.png")
    (root / "a").symlink_to(root / "m")
    (root / "z").symlink_to(root / "m")
    assert names(root) == ["a/1.png"]


def test_links_out_of_the_folder_are_followed(tree) -> None:
    other = tree("1.png", folder="elsewhere")
    root = tree("b.png")
    (root / "a").symlink_to(other)
    assert names(root) == ["a/1.png", "b.png"]


def test_hard_links_are_files_of_their_own(tree) -> None:
    root = tree("a.png")
    (root / "b.png").hardlink_to(root / "a.png")
    assert names(root) == ["a.png", "b.png"]


def test_names_that_are_no_text_are_reported(tree) -> None:
    root = tree("a.png", "b/1.png")
    Path(os.fsdecode(os.fsencode(root) + b"/\xe9.png")).write_bytes(b"x")
    Path(os.fsdecode(os.fsencode(root) + b"/x.\xe9")).write_bytes(b"x")
    folder = Path(os.fsdecode(os.fsencode(root) + b"/\xff"))
    folder.mkdir()
    (folder / "2.png").write_bytes(b"x")
    assert names(root) == ["a.png", "b/1.png"]
    (finding,) = find_images(root).findings
    assert "3 files whose names are not valid Unicode" in finding_text(finding)
    finding_text(finding).encode()


def test_a_closed_folder_is_reported(tree, monkeypatch) -> None:
    root = tree("a.png", "b/1.png")
    scandir = os.scandir

    def closed(path: str):
        if path.endswith("/b"):
            raise PermissionError(13, "denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert names(root) == ["a.png"]
    assert "1 folder that cannot be opened" in finding_text(find_images(root).findings[0])


REPORT = ("evaluation.json", "evaluation.parquet", "index.html", "charts/roc.png", "charts/roc.svg")
KEY = "6ed75394854265cd97cdf68fc9fbc4b2055b37322032f5fc7e0cd649319f82b6"


@pytest.mark.parametrize("place", ["", "report/", "a/deep/report/"])
def test_a_report_among_photos_is_no_photo(place: str, tree) -> None:
    root = tree("a/1.png", "b/2.png", *(place + name for name in REPORT))
    assert names(root) == ["a/1.png", "b/2.png"]
    assert not find_images(root).findings


def test_a_folder_of_charts_alone_is_a_folder(tree) -> None:
    assert names(tree("charts/1.png", "index.html", "people/evaluation.json")) == ["charts/1.png"]


@pytest.mark.parametrize("version", ["v2", "crops-v2", "v1"])
def test_a_store_among_photos_is_no_photo(version: str, tree) -> None:
    root = tree("a/1.png", f"store/{version}/{KEY}/{KEY}.parquet", f"store/{version}/{KEY}/{KEY}.npy")
    assert names(root) == ["a/1.png"]
    assert not find_images(root).findings
    assert not shards_below(root)


def test_a_person_called_as_a_version_is_one(tree) -> None:
    assert names(tree("v2/1.png", f"{KEY}/2.png")) == [f"{KEY}/2.png", "v2/1.png"]


def test_what_a_run_writes_into_its_photos_changes_nothing(tmp_path: Path) -> None:
    write_population(tmp_path / "p", subjects=3, images=2, spread=1.0, seed=3)
    spec = facegap.ModelSpec(
        name="rows", runtime="python", weights="rows", crop="whole", size=8, dimension=24, comparator=Comparator.COSINE
    )

    def embed(crops: np.ndarray) -> np.ndarray:
        return crops.mean(axis=2).reshape(len(crops), -1).astype(np.float32)

    study = facegap.Study(
        inputs=[tmp_path / "p"], models=[facegap.Model(embed=embed, spec=spec)], store=tmp_path / "p" / "store"
    )
    before = names(tmp_path / "p")
    facegap.write_report(facegap.evaluate(study), tmp_path / "p" / "report", charts=["png"])
    assert list((tmp_path / "p" / "report" / "charts").glob("*.png"))
    assert names(tmp_path / "p") == before
