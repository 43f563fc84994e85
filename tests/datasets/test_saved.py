import random
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from facegap.data.source import SavedEmbeddings
from facegap.datasets import read, read_source
from facegap.errors import InputError
from facegap.report.text.findings import finding_text
from facegap.report.text.inputs import input_text

VECTORS = np.array([[1, 2, 3], [np.nan, 0, np.inf], [4, 5, 6], [7, 8, 9]], dtype=np.float32)
SUBJECTS = np.array(["B", "A", "A", "が"])


def save(tmp_path: Path, name: str = "v.npz", **arrays) -> Path:
    np.savez(tmp_path / name, **arrays)
    return tmp_path / name


@pytest.mark.parametrize("key", ["embedding", "Embeddings", "vectors"])
def test_arrays(tmp_path: Path, key: str) -> None:
    file = save(tmp_path, **{key: VECTORS.astype(np.float64), "identity": SUBJECTS, "sex": np.array([*"mffm"])})
    source = read_source([file])
    manifest = source.manifest
    assert manifest.subjects == ["A", "A", "B", "が"]
    assert manifest.paths == ["v.npz#1", "v.npz#2", "v.npz#0", "v.npz#3"]
    assert isinstance(source, SavedEmbeddings)
    assert source.vectors.dtype == np.float32
    np.testing.assert_array_equal(source.vectors, VECTORS[[1, 2, 0, 3]])
    assert input_text(manifest.sources[0]) == (
        f"{file}: saved embeddings of 3 dimensions, 4 embeddings of 3 subjects; attributes: sex"
    )
    assert read([file], cohort_by=["sex"]).cohorts == ("f", "m")


def test_parquet_is_the_same_with_rows_that_have_no_embedding(tmp_path: Path) -> None:
    subjects, paths = SUBJECTS.tolist(), ["4.png", "3.png", "2.png", "1.png"]
    lists = [*VECTORS[:3].tolist(), None]
    frame = pl.DataFrame({"embedding": lists, "subject": subjects, "path": paths, "age": [1, 2, 3, None]})
    frame.write_parquet(tmp_path / "v.parquet")
    source = read_source([tmp_path / "v.parquet"])
    manifest = source.manifest
    assert manifest.sources[0].layout == "embeddings"
    assert manifest.paths == ["2.png", "3.png", "4.png", "1.png"]
    assert isinstance(source, SavedEmbeddings)
    np.testing.assert_array_equal(source.vectors[:3], VECTORS[[2, 1, 0]])
    assert np.isnan(source.vectors[3]).all()
    assert manifest.frame["age"].to_list() == ["3", "2", "1", None]
    frame[:3].cast({"embedding": pl.Array(pl.Float64, 3)}).write_parquet(tmp_path / "fixed.parquet")
    assert isinstance(read_source([tmp_path / "fixed.parquet"]), SavedEmbeddings)


def test_files_of_one_model_can_be_combined(tmp_path: Path) -> None:
    a = save(tmp_path, "a.npz", embedding=VECTORS, subject=SUBJECTS)
    b = save(tmp_path, "b.npz", embedding=VECTORS + 10, subject=SUBJECTS)
    source = read_source([a, f"other={b}"])
    manifest = source.manifest
    assert manifest.cohorts == ("a", "other")
    assert isinstance(source, SavedEmbeddings)
    of_b = source.vectors[manifest.frame["subject"].to_numpy() == "B"]
    np.testing.assert_array_equal(of_b, [VECTORS[0], VECTORS[0] + 10])
    c = save(tmp_path, "c.npz", embedding=VECTORS[:, :2], subject=SUBJECTS)
    with pytest.raises(InputError, match="embeddings of 2 and 3 dimensions"):
        read([a, c])


def test_embeddings_and_images_are_not_mixed(tmp_path: Path, tree) -> None:
    file = save(tmp_path, embedding=VECTORS, subject=SUBJECTS)
    with pytest.raises(InputError, match="cannot be combined with images"):
        read([file, tree("A_1.png", "B_1.png")])
    with pytest.raises(InputError, match="is for the paths of a table"):
        read([file], images=tmp_path)


def test_subjects_of_any_plain_kind(tmp_path: Path) -> None:
    assert read([save(tmp_path, embedding=VECTORS, label=np.array([7, 8, 8, 7]))]).subjects == ["7", "7", "8", "8"]
    names = np.array(["が".encode(), b"a", b"a", b"b"])
    assert read([save(tmp_path, embedding=VECTORS, label=names)]).subjects == ["a", "a", "b", "が"]


def test_values_beyond_float32_become_infinite(tmp_path: Path) -> None:
    source = read_source([save(tmp_path, embedding=np.full((4, 2), 1e300), subject=SUBJECTS)])
    assert np.isinf(source.vectors).all()


def test_other_arrays_are_reported(tmp_path: Path) -> None:
    extra = {"version": np.array(3), "boxes": np.zeros((4, 4)), "odd": np.array([{}], dtype=object)}
    manifest = read([save(tmp_path, embedding=VECTORS, subject=SUBJECTS, **extra)])
    assert manifest.findings[0].kind == "ignored"
    assert "boxes, version, odd (unreadable: Object arrays" in finding_text(manifest.findings[0])


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"embedding": VECTORS}, "holds embedding: expected `embedding` .* and `subject`"),
        ({"subject": SUBJECTS}, "holds subject: expected"),
        ({"embedding": VECTORS[0], "subject": SUBJECTS}, r"'embedding' has shape \(3,\) of float32, expected \(N, D\)"),
        ({"embedding": VECTORS[:, :0], "subject": SUBJECTS}, r"has shape \(4, 0\)"),
        ({"embedding": VECTORS.astype(complex), "subject": SUBJECTS}, "complex128"),
        ({"embedding": VECTORS.astype(str), "subject": SUBJECTS}, "<U"),
        ({"embedding": VECTORS, "subject": SUBJECTS[:3]}, r"'subject' has shape \(3,\), expected \(4,\)"),
        ({"embedding": VECTORS, "subject": SUBJECTS.astype(object)}, "subject .unreadable: Object arrays cannot be"),
        ({"embedding": VECTORS, "subject": np.array([b"\xff", b"a", b"b", b"c"])}, "'subject' is no text"),
        ({"embedding": VECTORS, "subject": np.array(["A", "", "B", "C"])}, "row 2: the subject is empty"),
        ({"embedding": VECTORS, "subject": np.array(["A"] * 4)}, "has one subject, 'A' with 4 images"),
    ],
)
def test_unusable_arrays(tmp_path: Path, arrays: dict, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read([save(tmp_path, **arrays)])


@pytest.mark.parametrize(
    ("lists", "reason"),
    [
        ([[1.0], [1.0, 2.0]], "have 1, 2 numbers, expected one length"),
        ([None, None], "have no numbers|expected a list"),
        ([["a"], ["b"]], "expected a list of numbers"),
    ],
)
def test_unusable_lists(tmp_path: Path, lists: list, reason: str) -> None:
    pl.DataFrame({"embedding": lists, "subject": ["A", "B"]}).write_parquet(tmp_path / "v.parquet")
    with pytest.raises(InputError, match=reason):
        read([tmp_path / "v.parquet"], layout="embeddings")


def test_no_damage_to_a_file_escapes(tmp_path: Path) -> None:
    file = save(tmp_path, embedding=VECTORS, subject=SUBJECTS)
    whole = file.read_bytes()
    dice = random.Random(0)
    damaged = [b"", b"PK", whole[:-30], whole[:200], b"x" * 100, b"\x80\x04."]
    for _ in range(150):
        changed = bytearray(whole)
        for _ in range(4):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        damaged.append(bytes(changed))
    refusals = []
    for content in damaged:
        file.write_bytes(content)
        try:
            read([file])
        except InputError as error:
            refusals.append(str(error))
    assert len(refusals) > 20
    assert not [refusal for refusal in refusals if "\n" in refusal]


def test_an_encrypted_file_and_a_single_array(tmp_path: Path) -> None:
    file = save(tmp_path, embedding=VECTORS, subject=SUBJECTS)
    content = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as archive:
        headers = [info.header_offset for info in archive.infolist()]
    for header in headers:
        content[header + 6] |= 1
    start = content.find(b"PK\x01\x02")
    while start >= 0:
        content[start + 8] |= 1
        start = content.find(b"PK\x01\x02", start + 1)
    file.write_bytes(content)
    with pytest.raises(InputError, match="encrypted"):
        read([file])
    np.save(tmp_path / "one.npy", VECTORS)
    (tmp_path / "one.npy").rename(tmp_path / "one.npz")
    with pytest.raises(InputError, match="holds a single array"):
        read([tmp_path / "one.npz"])
