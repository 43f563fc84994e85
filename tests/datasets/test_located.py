"""Images are found from tables that other computers made, or what is most like them is named."""

import unicodedata
from pathlib import Path

import polars as pl
import pytest

from facegap.datasets import read, read_source
from facegap.datasets.located import Located
from facegap.errors import InputError
from facegap.report.text.findings import finding_text
from facegap.report.text.inputs import input_text

WHO = ("山田", "ガポ", "Renée", "Straße")


def photos(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    return root


def table(root: Path, names: list[str], encoding: str = "utf-8") -> Path:
    lines = ["path,subject", *(f"{name},{i % 2}" for i, name in enumerate(names))]
    (root / "people.csv").write_text("\r\n".join(lines), encoding=encoding)
    return root / "people.csv"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("named", ["NFC", "NFD"])
def test_either_unicode_form_finds_the_other(form, named, tmp_path: Path) -> None:
    names = [f"{who}/{who}_{i}.jpg" for who in WHO for i in (1, 2)]
    photos(tmp_path, *(unicodedata.normalize(form, name) for name in names))
    manifest = read([table(tmp_path, [unicodedata.normalize(named, name) for name in names])])
    assert all(Path(path).is_file() for path in manifest.paths)
    assert ("another spelling" in input_text(manifest.sources[0])) == (form != named)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize(
    "name", ["photos\\山田\\{}.jpg", ".\\photos\\山田\\{}.JPG", "PHOTOS/山田/{}.Jpg ", "photos//山田/{}.jpg"]
)
def test_tables_of_other_computers(name: str, encoding: str, tmp_path: Path) -> None:
    photos(tmp_path, "photos/山田/1.jpg", "photos/山田/2.jpg")
    manifest = read([table(tmp_path, [name.format(i) for i in (1, 2)], encoding)])
    assert manifest.paths == [str(tmp_path / "photos" / "山田" / f"{i}.jpg") for i in (1, 2)]


def test_a_name_that_is_there_is_itself(tmp_path: Path) -> None:
    photos(tmp_path, "a\\1.jpg", "a/1.jpg", "b.jpg", "B.jpg")
    located = Located(tmp_path)
    for name in ("a\\1.jpg", "a/1.jpg", "b.jpg", "B.jpg"):
        assert located.path(name) == str(tmp_path / name)
    assert not located.note


def test_neither_of_two_files_is_taken(tmp_path: Path) -> None:
    photos(tmp_path, "AOI.jpg", "Aoi.jpg", "emi.jpg")
    assert not Path(Located(tmp_path).path("aoi.jpg")).exists()
    assert Path(Located(tmp_path).path("EMI.JPG")).name == "emi.jpg"


def test_parts_that_lead_up_stay(tmp_path: Path) -> None:
    photos(tmp_path, "Other/Aoi.jpg")
    (tmp_path / "lists").mkdir()
    assert Path(Located(tmp_path / "lists").path("..\\other\\aoi.JPG")).samefile(tmp_path / "Other" / "Aoi.jpg")


@pytest.mark.parametrize(
    ("named", "advice"),
    [("photo/1.jpg", "photos is most like it"), ("photos/1.jpeg", "1.jpg is most like it"),
     ("C:\\Users\\aoi\\1.jpg", "another computer"), ("\\\\server\\share\\1.jpg", "another computer"),
     ("elsewhere/1.jpg", "say where the images lie")],
)  # fmt: skip
def test_what_is_not_there_is_named_with_what_is_most_like_it(named: str, advice: str, tmp_path: Path) -> None:
    photos(tmp_path, "photos/1.jpg")
    with pytest.raises(InputError, match="not one of its 1 image exists") as told:
        read([table(tmp_path, [named])])
    assert advice in str(told.value)
    assert len(str(told.value).splitlines()) == 1


def test_some_that_are_absent_are_a_finding(tmp_path: Path) -> None:
    photos(tmp_path, "photos/aoi_1.jpg", "photos/emi_1.jpg", "photos/kim_1.jpeg")
    file = table(tmp_path, ["photos/aoi_1.jpg", "photos/emi_1.jpg", "photos/kim_1.jpg"])
    (absent,) = [one for one in read([file]).findings if one.kind == "absent"]
    assert "1 image of 3 not there, photos/kim_1.jpg for one" in finding_text(absent)
    assert "kim_1.jpeg is most like it" in finding_text(absent)
    assert absent.paths == (str(tmp_path / "photos" / "kim_1.jpg"),)


def test_lists_of_pairs_find_images_too(tmp_path: Path) -> None:
    photos(tmp_path, "Photos/Aoi 1.jpg", "Photos/Aoi 2.jpg", "Photos/ガ.jpg", "Photos/Aoi.jpg")
    name = unicodedata.normalize("NFD", "ガ")
    lines = [
        "sep=;",
        "path_a;path_b;same",
        "photos\\aoi 1.jpg;photos\\aoi 2.jpg;1",
        f"Photos/Aoi 1.jpg;Photos/{name}.jpg;0",
    ]
    (tmp_path / "pairs.csv").write_text("\n".join(lines), encoding="utf-16")
    source = read_source([tmp_path / "pairs.csv"])
    assert all(Path(path).is_file() for path in source.manifest.paths)
    (tmp_path / "list.txt").write_text("PHOTOS\\AOI.JPG photos\\ガ.jpg 0\n", encoding="cp932")
    assert all(Path(path).is_file() for path in read_source([tmp_path / "list.txt"]).manifest.paths)


def test_scores_with_a_separator_before_the_header(tmp_path: Path) -> None:
    lines = ["sep=;", "path_a;path_b;score;same", "a;b;0.9;1", "a;c;0.1;0", "b;c;0.2;0"]
    (tmp_path / "scores.csv").write_text("\n".join(lines))
    source = read_source([tmp_path / "scores.csv"])
    assert len(source.manifest) == 3
    assert isinstance(source.manifest.frame, pl.DataFrame)
