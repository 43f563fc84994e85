"""Images inside files are read as those of folders and tables are, with the same numbers."""

import json
import pickle
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import facegap
from data.containers.made import picture, write_rec, write_tar, write_zip
from facegap.data import image_file
from facegap.data.comparator import Comparator
from facegap.data.source import Images
from facegap.datasets import read_source
from facegap.datasets.discover import discover
from facegap.errors import InputError
from facegap.jobs.hashing import hash_images
from facegap.report.page.faces import shown_faces, thumbnails_of
from facegap.report.text.findings import finding_text
from facegap.run.progress import silent
from facegap.store import EmbeddingStore

PEOPLE = {f"{who}/{i}.png": picture(10 * k + i) for k, who in enumerate(["Aoi", "Emi", "Kim", "Lee"]) for i in range(3)}
SIZE = 8


@pytest.fixture(scope="module")
def rows() -> facegap.Model:
    """Return a model whose embeddings are the mean colours of the whole image's rows."""
    spec = facegap.ModelSpec(
        name="rows", runtime="python", weights="rows", crop="whole", size=SIZE, dimension=SIZE * 3,
        comparator=Comparator.COSINE,
    )  # fmt: skip
    return facegap.Model(embed=lambda crops: crops.mean(axis=2).reshape(len(crops), -1).astype(np.float32), spec=spec)


def folder(root: Path) -> Path:
    for name, data in PEOPLE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def web(path: Path, sidecar: str = "json") -> Path:
    files = {}
    for name, data in PEOPLE.items():
        who, number = name.removesuffix(".png").split("/")
        key = f"{who}{number}"
        said = json.dumps({"subject": who, "sex": "f" if who < "Kim" else "m", "caption": None, "box": [1, 2]})
        files |= {f"{key}.png": data, f"{key}.{sidecar}": said.encode() if sidecar == "json" else who.encode()}
    return write_tar(path, files)


def hugging(path: Path, **options) -> Path:
    """Write what `datasets` writes: a record a row, numbers of classes, and their names in the metadata."""
    names = sorted({name.split("/")[0] for name in PEOPLE})
    features = {"image": {"_type": "Image"}, "label": {"names": names, "_type": "ClassLabel"}}
    frame = pl.DataFrame(
        {
            "image": [{"bytes": data, "path": name} for name, data in PEOPLE.items()],
            "label": [names.index(name.split("/")[0]) for name in PEOPLE],
        }
    )
    frame.write_parquet(path, metadata={"huggingface": json.dumps({"info": {"features": features}})}, **options)
    return path


def records(path: Path) -> Path:
    return write_rec(
        path, [(sorted(PEOPLE).index(f"{name.split('/')[0]}/0.png"), data) for name, data in PEOPLE.items()]
    )


WAYS = {
    "zip": lambda place: write_zip(place / "people.zip", PEOPLE),
    "zip of a folder": lambda place: write_zip(place / "people.zip", {f"data/lfw/{n}": d for n, d in PEOPLE.items()}),
    "stored zip": lambda place: write_zip(place / "people.zip", PEOPLE, method=zipfile.ZIP_STORED),
    "tar": lambda place: write_tar(place / "people.tar", PEOPLE),
    "webdataset json": lambda place: web(place / "people.tar"),
    "webdataset cls": lambda place: web(place / "people.tar", "cls"),
    "hugging face": lambda place: hugging(place / "people.parquet"),
    "row groups": lambda place: hugging(place / "people.parquet", row_group_size=2),
    "records": lambda place: records(place / "train.rec"),
}


def people_in(path: Path) -> set[frozenset[str]]:
    """Return the images of each subject, by their sha256."""
    manifest = facegap.read([path])
    images: dict[str, set[str]] = {}
    for subject, image in zip(manifest.subjects, hash_images(manifest.paths), strict=True):
        images.setdefault(subject, set()).add(image)
    return set(map(frozenset, images.values()))


def test_an_image_in_an_archive_is_read_once(tmp_path: Path, rows: facegap.Model, monkeypatch) -> None:
    opened, read = Counter(), image_file.read_member

    def counting(path, **options):
        opened[str(path)] += 1
        return read(path, **options)

    monkeypatch.setattr(image_file, "read_member", counting)
    manifest = facegap.read([WAYS["zip"](tmp_path)])
    for found in (0, len(manifest)):
        opened.clear()
        assert facegap.embed(manifest, rows, store=EmbeddingStore(tmp_path / "store")).found == found
        assert opened == dict.fromkeys(manifest.paths, 1)


@pytest.mark.parametrize("way", WAYS)
def test_the_people_are_those_of_the_folder(way: str, tmp_path: Path) -> None:
    assert people_in(WAYS[way](tmp_path)) == people_in(folder(tmp_path / "photos"))


def test_the_numbers_and_the_faces_of_the_report_are_those_of_the_folder(rows: facegap.Model, tmp_path: Path) -> None:
    found = [
        facegap.evaluate(facegap.Study(inputs=[f"people={path}"], models=[rows]))
        for path in (folder(tmp_path / "photos"), write_tar(tmp_path / "people.tar", PEOPLE))
    ]
    assert found[1].metrics.equals(found[0].metrics)
    assert not found[1].failures.height
    shown = shown_faces(found[1])
    assert shown.paths
    assert all(thumbnails_of(shown, silent).values())


def test_the_store_knows_the_bytes_wherever_they_lie(rows: facegap.Model, tmp_path: Path) -> None:
    asked: list[int] = []

    def embed(crops: np.ndarray) -> np.ndarray:
        asked.append(len(crops))
        return crops.mean(axis=2).reshape(len(crops), -1).astype(np.float32)

    model = facegap.Model(embed=embed, spec=rows.spec)
    for path in (folder(tmp_path / "photos"), write_zip(tmp_path / "x.zip", PEOPLE), hugging(tmp_path / "x.parquet")):
        facegap.evaluate(facegap.Study(inputs=[path], models=[model], store=tmp_path / "store"))
    assert sum(asked) == len(PEOPLE)


def test_processes_read_members_too(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "x.tar", PEOPLE)
    paths = [f"{path}::{name}" for name in PEOPLE]
    assert hash_images(paths, executor=facegap.Processes(1)) == hash_images(paths, executor=facegap.Serial())
    assert "" not in hash_images(paths, executor=facegap.Serial())


def test_an_archive_has_the_layouts_of_a_folder(tmp_path: Path) -> None:
    races = {f"races/{race}/{race}{name}": data for race in ("African", "Asian") for name, data in PEOPLE.items()}
    assert discover(write_zip(tmp_path / "a.zip", races), None, None).layout == "cohort-folders"
    flat = {name.replace("/", "_"): data for name, data in PEOPLE.items()}
    assert discover(write_tar(tmp_path / "b.tar", flat), None, None).layout == "prefix"
    manifest = facegap.read([write_zip(tmp_path / "c.zip", flat)], subject_from=r"^(?P<subject>[^_]+)_")
    assert sorted(set(manifest.subjects)) == ["Aoi", "Emi", "Kim", "Lee"]
    assert manifest.paths[0] == f"{tmp_path}/c.zip::Aoi_0.png"


def test_what_is_no_image_is_counted(tmp_path: Path) -> None:
    extra = {"README.md": b"x", "__MACOSX/Aoi/0.png": b"x", "Aoi/.hidden.png": b"x", "Aoi/broken.png": b"x"}
    source = read_source([write_zip(tmp_path / "x.zip", PEOPLE | extra)])
    assert len(source.manifest) == len(PEOPLE) + 1
    (ignored,) = [one for one in source.manifest.findings if one.kind == "ignored"]
    assert "passed over 1 file, no images by their suffixes (1 .md)" in finding_text(ignored)


def test_attributes_of_a_webdataset_make_cohorts(tmp_path: Path) -> None:
    manifest = facegap.read([web(tmp_path / "x.tar")], cohort_by=["sex"])
    assert manifest.cohorts == ("f", "m")
    assert "caption" not in manifest.frame.columns


def test_what_a_small_archive_says_of_its_images_is_bounded(tmp_path: Path, monkeypatch) -> None:
    said = json.dumps({"subject": "a", "caption": "x" * 50_000, **{f"k{i}": "v" * 400 for i in range(100)}}).encode()
    files = {f"{i}.{suffix}": data for i in range(99) for suffix, data in (("png", b"x"), ("json", said))}
    path = write_zip(tmp_path / "x.zip", files)
    assert path.stat().st_size < 100_000
    part = discover(path, None, None)
    assert "caption" not in part.frame.columns
    assert part.frame.width == 102
    monkeypatch.setattr("facegap.datasets.room.ROOM", 1_000_000)
    monkeypatch.setattr("facegap.datasets.room.TABLE_RATIO", 1)
    with pytest.raises(InputError, match="its contents take"):
        discover(path, None, None)


def test_an_image_of_a_webdataset_without_a_subject_is_named(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "x.tar", {"a.png": picture(1), "a.cls": b"1", "b.png": picture(2)})
    with pytest.raises(InputError, match=r"nothing beside b\.png says its subject"):
        discover(path, None, None)


def test_shards_in_a_folder_are_one_data_set(tmp_path: Path) -> None:
    (tmp_path / "hub" / "data").mkdir(parents=True)
    for shard in range(3):
        images = [{"bytes": picture(shard * 9 + i), "path": None} for i in range(4)]
        frame = pl.DataFrame({"image": images, "label": [shard, shard, 7, 7]})
        frame.write_parquet(tmp_path / "hub" / "data" / f"train-{shard}.parquet")
    manifest = facegap.read([tmp_path / "hub"])
    assert (len(manifest), len(set(manifest.subjects))) == (12, 4)
    assert len(set(manifest.paths)) == 12


def test_pairs_of_images_in_a_table(tmp_path: Path) -> None:
    images = list(PEOPLE.values())
    pl.DataFrame(
        {
            "image1": [{"bytes": data, "path": None} for data in images[:6]],
            "image2": [{"bytes": data, "path": None} for data in images[6:]],
            "same": [1, 1, 1, 0, 0, 0],
        }
    ).write_parquet(tmp_path / "x.parquet")
    source = read_source([tmp_path / "x.parquet"])
    assert source.listed
    assert hash_images(source.manifest.paths).count("") == 0
    assert len(source.manifest) == 12


@pytest.mark.parametrize(
    "columns",
    [{"img": "bytes", "identity": "who"}, {"jpg": "records", "name": "who"}, {"bytes": "bytes", "person": "who"},
     {"image": "records", "subject": "who", "path": "file", "mask": "bytes"}],
)  # fmt: skip
def test_columns_of_images_by_their_usual_names(columns: dict[str, str], tmp_path: Path) -> None:
    values = {
        "bytes": list(PEOPLE.values()), "records": [{"bytes": data, "path": "x.png"} for data in PEOPLE.values()],
        "who": [name.split("/")[0] for name in PEOPLE], "file": list(PEOPLE),
    }  # fmt: skip
    pl.DataFrame({name: values[kind] for name, kind in columns.items()}).write_parquet(tmp_path / "x.parquet")
    manifest = facegap.read([tmp_path / "x.parquet"])
    assert sorted(set(manifest.subjects)) == ["Aoi", "Emi", "Kim", "Lee"]
    assert manifest.paths[1].removesuffix("/image") == f"{tmp_path}/x.parquet::01"
    assert not {"mask", "file"} & set(manifest.frame.columns)


def test_bytes_beside_paths_are_no_images(tmp_path: Path) -> None:
    place = folder(tmp_path / "photos")
    columns = {"path": list(PEOPLE), "subject": [name[:3] for name in PEOPLE], "digest": [b"\1\2"] * len(PEOPLE)}
    pl.DataFrame(columns).write_parquet(place / "x.parquet")
    assert facegap.read([place / "x.parquet"]).paths[0] == str(place / "Aoi" / "0.png")


def verification(path: Path, size: int) -> Path:
    """Write a set of ten folds, each with `size` genuine and as many impostor pairs, which repeat images."""
    images = [picture(i) for i in range(6)]
    genuine, impostor = [(0, 1), (2, 3), (4, 5)], [(0, 2), (1, 4), (3, 5)]
    pairs = [kind[i % 3] for _ in range(10) for kind in (genuine, impostor) for i in range(size)]
    same = [kind for _ in range(10) for kind in (True, False) for i in range(size)]
    path.write_bytes(pickle.dumps(([images[i] for pair in pairs for i in pair], same)))
    return path


def test_a_verification_set_is_pairs_in_ten_folds_of_images_that_count_once(tmp_path: Path) -> None:
    source = read_source([verification(tmp_path / "lfw.bin", 3)])
    assert (len(source.manifest), len(set(source.manifest.subjects))) == (6, 3)
    assert isinstance(source, Images)
    assert source.pairs is not None
    assert (source.pairs.folds, len(source.pairs.same)) == (10, 60)
    assert (np.bincount(source.pairs.fold) == 6).all()
    assert source.pairs.same[source.pairs.fold == 4].tolist() == [True] * 3 + [False] * 3


@pytest.mark.parametrize("pairs", [1, 15])
def test_a_short_set_has_one_fold(pairs: int, tmp_path: Path) -> None:
    images = [picture(i) for i in range(2 * pairs)]
    (tmp_path / "x.bin").write_bytes(pickle.dumps((images, [True] * pairs)))
    part = discover(tmp_path / "x.bin", None, None)
    assert part.pairs is not None
    assert part.pairs.folds == 1


@pytest.mark.parametrize(
    ("name", "reason"),
    [("x.tgz", "packed as a whole"), ("x.tar.gz", "packed as a whole"), ("x.7z", "packed as a whole"),
     ("x.tar", "cannot be read"), ("x.zip", "cannot be read"), ("x.bin", "cannot be read"), ("x.rec", "cannot be read"),
     ("x.idx", "unknown kind")],
)  # fmt: skip
def test_what_cannot_be_read_is_one_line(name: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"\x1f\x8b" + bytes(600))
    with pytest.raises(InputError, match=reason) as told:
        discover(tmp_path / name, None, None)
    assert len(str(told.value).splitlines()) == 1


def test_verify_takes_members(rows: facegap.Model, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", PEOPLE)
    names = [f"{path}::Aoi/0.png", f"{path}::Aoi/1.png"]
    assert [photo.outcome for photo in facegap.verify(names, rows).photos] == ["ok", "ok"]
    with pytest.raises(InputError, match="is no file"):
        facegap.verify([*names, f"{path}::Aoi/9.png"], rows)
