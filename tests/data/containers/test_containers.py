"""A member is read from its place, whatever wrote its container; what is damaged or hostile is one reason."""

import os
import random
import struct
import tarfile
import zipfile
from pathlib import Path

import polars as pl
import pytest

from data.containers.made import MAGIC, picture, record, write_rec, write_tar, write_zip
from facegap.data.containers import container_of, member_exists, read_member
from facegap.data.image_file import image_exists, open_image_file, read_image_file
from facegap.datasets.images import find_images_inside
from facegap.report.text.findings import finding_text

FILES = {"a/1.jpg": picture(1, "JPEG"), "a/2.png": picture(2), "b b/ü ガ.png": picture(3), "notes.txt": b"text"}


def refusal(path: Path | str) -> str:
    """Return why a container or a member cannot be read."""
    with pytest.raises(OSError, match=r".") as told:
        read_member(path, most=10**6) if "::" in str(path) else container_of(path)
    reason = told.value.strerror
    assert reason
    assert len(reason.splitlines()) == 1
    return reason


def write_parquet(path: Path, files: dict[str, bytes], **options) -> Path:
    images = [{"bytes": data, "path": name} for name, data in files.items()]
    pl.DataFrame({"image": images, "label": range(len(files))}).write_parquet(path, **options)
    return path


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_tar(form: int, tmp_path: Path) -> None:
    long = {f"{'d' * 90}/{'n' * 160}.png": picture(4)}
    path = write_tar(tmp_path / "x.TAR", FILES | long, form=form)
    for name, data in (FILES | long).items():
        assert read_image_file(f"{path}::{name}") == data


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zip(method: int, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", FILES, method=method)
    for name, data in FILES.items():
        assert read_image_file(f"{path}::{name}") == data
        with open_image_file(f"{path}::{name}") as file:
            assert file.read() == data


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
def test_names_of_a_zip_that_say_no_encoding(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    plain = write_zip(path, {"aaaaaaaa.png": FILES["a/2.png"]}).read_bytes()
    name = "山田_1".encode(encoding).ljust(8, b"x")[:8]
    path.write_bytes(plain.replace(b"aaaaaaaa", name))
    assert list(container_of(path).members) == [name.decode(encoding) + ".png"]


@pytest.mark.parametrize("name", ["./a/1.png", "/a/1.png", "a//1.png", "a\\1.png"])
@pytest.mark.parametrize("write", [write_tar, write_zip])
def test_names_are_made_plain(name: str, write, tmp_path: Path) -> None:
    path = write(tmp_path / f"x.{write.__name__[-3:]}", {name: FILES["a/2.png"]})
    assert read_image_file(f"{path}::a/1.png") == FILES["a/2.png"]


@pytest.mark.parametrize("write", [write_tar, write_zip])
def test_names_that_lead_out_stay_inside(write, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    path = write(tmp_path / f"x.{write.__name__[-3:]}", {"../secret.png": b"not it", "a.png": b"it"})
    assert read_image_file(f"{path}::../secret.png") == b"not it"
    found = find_images_inside(path, container_of(path).members)
    assert found.images == [("a.png",)]
    assert "1 file whose names lead out" in finding_text(found.findings[0])
    assert "no such file" in refusal(f"{path}::../x.{write.__name__[-3:]}")


def test_links_in_a_tar(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        (tmp_path / "a.png").write_bytes(FILES["a/2.png"])
        archive.add(tmp_path / "a.png", "a.png")
        for name, kind, target in (("b.png", tarfile.LNKTYPE, "a.png"), ("c.png", tarfile.SYMTYPE, "/etc/passwd")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            archive.addfile(member)
    assert "it is a link" in refusal(f"{tmp_path}/x.tar::c.png")
    assert read_image_file(f"{tmp_path}/x.tar::b.png") == FILES["a/2.png"]


def test_records(tmp_path: Path) -> None:
    cut = picture(5)
    cut += bytes(-(len(cut) + 24) % 4) + MAGIC + b"tail" + MAGIC  # where MXNet cuts a record
    images = [(7, picture(1)), (7, picture(2, "JPEG")), (9, cut)]
    path = write_rec(tmp_path / "train.rec", images)
    inside = container_of(path)
    assert inside.labels == ["7", "7", "9"]  # pyright: ignore[reportAttributeAccessIssue]
    assert [read_image_file(f"{path}::{name}") for name in inside.members] == [data for _, data in images]
    assert list(inside.members) == ["1", "2", "3"]


@pytest.mark.parametrize("rows", [1, 3, 1000])
def test_parquet(rows: int, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "x [1].parquet", FILES, row_group_size=rows)
    assert [read_image_file(f"{path}::{row}") for row in range(4)] == list(FILES.values())


def test_a_row_without_an_image_is_unreadable(tmp_path: Path) -> None:
    pl.DataFrame({"image": [b"x", None]}).write_parquet(tmp_path / "x.parquet")
    assert "no image" in refusal(f"{tmp_path}/x.parquet::1")


def test_a_file_of_such_a_name_is_itself(tmp_path: Path) -> None:
    write_zip(tmp_path / "x.zip", FILES)
    (tmp_path / "x.zip::a.png").write_bytes(b"itself")
    assert read_image_file(tmp_path / "x.zip::a.png") == b"itself"
    assert image_exists(f"{tmp_path}/x.zip::a/1.jpg")
    assert not member_exists(f"{tmp_path}/x.zip::a/9.jpg")
    assert not member_exists(f"{tmp_path}/y.zip::a/1.jpg")
    assert not member_exists("a\0.zip::b")


def test_a_changed_container_is_looked_through_again(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"a.png": b"1"})
    assert read_image_file(f"{path}::a.png") == b"1"
    write_zip(path, {"other": b"more", "a.png": b"22"})
    os.utime(path, ns=(1, 1))
    assert read_image_file(f"{path}::a.png") == b"22"


def test_a_bomb_is_refused_by_what_it_declares(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"a.png": bytes(5_000_000)})
    assert path.stat().st_size < 10_000
    assert "5,000,000 bytes, more than" in refusal(f"{path}::a.png")


def test_a_bomb_that_declares_little_is_not_unpacked(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"a.png": bytes(5_000_000)})
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 5_000_000), struct.pack("<I", 10)))
    assert "damaged" in refusal(f"{path}::a.png")


def test_a_small_parquet_file_of_many_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"image": pl.Series([None], dtype=pl.Binary).new_from_index(0, 1_500_000)}).write_parquet(path)
    assert path.stat().st_size < 100_000
    assert "declares more than 1,000,000 images" in refusal(path)


def test_other_packings_are_named(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", FILES, method=zipfile.ZIP_LZMA)
    assert "packed by method 14: zip it by deflate" in refusal(f"{path}::a/1.jpg")
    data = bytearray(write_zip(path, FILES).read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    assert "encrypted" in refusal(f"{path}::a/1.jpg")
    with tarfile.open(tmp_path / "y.tar", "w:gz") as archive:
        archive.add(path, "x")
    assert "gunzip" in refusal(tmp_path / "y.tar")


def test_a_sparse_member_is_no_small_image_of_a_large_size(tmp_path: Path) -> None:
    member = tarfile.TarInfo("a.png")
    head = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    head[156:157] = b"S"
    head[386:410] = b"00000000000\000000000000\0"
    head[483:495] = b"77777777777\0"
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    (tmp_path / "x.tar").write_bytes(head + bytes(1024))
    assert "--sparse" in refusal(f"{tmp_path}/x.tar::a.png")


def test_a_size_below_zero_does_not_loop(tmp_path: Path) -> None:
    head = bytearray(tarfile.TarInfo("a.png").tobuf(tarfile.GNU_FORMAT))
    head[124:136] = b"\xff" * 10 + b"\xfe\x00"  # -512
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    (tmp_path / "x.tar").write_bytes(head + bytes(1024))
    assert refusal(tmp_path / "x.tar")


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", MAGIC, record(1.0, b"x")[:-8], b"x" + record(1.0, b"x"), record(float("nan"), b"x"),
     MAGIC + struct.pack("<I", 4) + b"abcd", MAGIC + struct.pack("<I", 2 << 29 | 24) + bytes(24)],
)  # fmt: skip
def test_damaged_records(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.rec").write_bytes(data)
    if data:
        assert refusal(tmp_path / "x.rec")
    else:
        assert not container_of(tmp_path / "x.rec").members


@pytest.mark.parametrize("kind", ["tar", "zip", "rec", "parquet"])
def test_no_damage_escapes(kind: str, tmp_path: Path) -> None:
    """Damaged containers give members or one reason, whatever stands in them."""
    path = tmp_path / f"x.{kind}"
    match kind:
        case "tar":
            write_tar(path, FILES)
        case "zip":
            write_zip(path, FILES)
        case "rec":
            write_rec(path, [(1, picture(1)), (2, picture(2))])
        case _:
            write_parquet(path, FILES)
    whole, dice, refused = path.read_bytes(), random.Random(3), []
    for turn in range(8 if kind == "parquet" else 200):
        changed = bytearray(whole[: dice.randrange(len(whole))] if turn % 4 == 0 else whole)
        for _ in range(6):
            if changed:
                changed[dice.randrange(len(changed))] = dice.randrange(256)
        path.write_bytes(changed)
        os.utime(path, ns=(turn, turn))
        try:
            for name in container_of(path).members:
                read_member(f"{path}::{name}", most=10**6)
        except OSError as error:
            refused.append(error.strerror)
    assert refused
    assert all(len(reason.splitlines()) == 1 for reason in refused)


def test_a_pipe_is_no_container(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.tar")
    assert "a pipe" in refusal(tmp_path / "x.tar")
