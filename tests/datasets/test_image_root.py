"""Relative paths may start at an archive as at a folder."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from facegap.data.image_file import read_image_file
from facegap.datasets import read_source
from facegap.errors import InputError

LISTS = {
    "pairs.txt": "1\nAoi 1 2\nAoi 1 Emi 1\n",
    "african_pairs.txt": "Aoi 1 2\nAoi 1 Emi 1\n",
    "plain.txt": "Aoi/Aoi_0001.jpg Aoi/Aoi_0002.jpg 1\nAoi/Aoi_0001.jpg Emi/Emi_0001.jpg 0\n",
    "bfw.csv": "p1,p2,label\nAOI\\\\Aoi_0001.JPG,Aoi/Aoi_0002.jpg,1\nAoi/Aoi_0001.jpg,Emi/Emi_0001.jpg,0\n",
    "people.csv": "path,subject\nAoi/Aoi_0001.jpg,a\n./Aoi/Aoi_0002.jpg,a\nEmi/Emi_0001.jpg,b\n",
    "identities.txt": "Aoi/Aoi_0001.jpg 1\nAoi/Aoi_0002.jpg 1\nEmi/Emi_0001.jpg 2\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("roots")
    for k, name in enumerate(("Aoi/Aoi_0001", "Aoi/Aoi_0002", "Emi/Emi_0001")):
        path = root / "lfw" / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), (k, 0, 0)).save(path)
    for name, text in LISTS.items():
        (root / name).write_text(text)
    shutil.make_archive(str(root / "top"), "zip", root / "lfw")
    shutil.make_archive(str(root / "within"), "tar", root, "lfw")
    return root


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("start", ["top.zip", "within.tar::lfw"])
def test_a_list_finds_in_an_archive_what_it_finds_in_a_folder(folder: Path, name: str, start: str) -> None:
    on_disk = read_source([folder / name], images=folder / "lfw").manifest
    packed = read_source([folder / name], images=folder / start).manifest
    assert packed.frame["subject"].to_list() == on_disk.frame["subject"].to_list()
    for inside, outside in zip(packed.paths, on_disk.paths, strict=True):
        assert inside.startswith(f"{folder / start}")
        assert read_image_file(inside) == Path(outside).read_bytes()
    assert [one.kind for one in packed.findings] == [one.kind for one in on_disk.findings]


def test_a_path_that_starts_elsewhere_in_the_archive_is_said_with_what_is_like_it(folder: Path) -> None:
    with pytest.raises(InputError, match=r"not one of its 3 images exists, Aoi/Aoi_0001\.jpg for one"):
        read_source([folder / "people.csv"], images=folder / "within.tar")


@pytest.mark.parametrize("start", ["within.tar::lfv", "people.csv", "absent.zip"])
def test_what_is_neither_a_folder_nor_an_archive_is_refused(folder: Path, start: str) -> None:
    with pytest.raises(InputError, match="is neither a folder nor an archive"):
        read_source([folder / "people.csv"], images=folder / start)


def test_a_damaged_archive_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "photos.zip").write_bytes(b"PK no archive")
    with pytest.raises(InputError, match="is neither a folder nor an archive"):
        read_source([folder / "people.csv"], images=tmp_path / "photos.zip")
