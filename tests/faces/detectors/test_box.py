"""Faces that a table gives: boxes and points in its columns."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

import facegap
from facegap.data.boxes import box_columns, read_boxes
from facegap.data.comparator import Comparator
from facegap.data.embeddings import Outcome
from facegap.data.spec import ModelSpec
from facegap.errors import InputError
from facegap.faces import FaceOptions
from facegap.faces.align import arcface_crop, boxed
from facegap.jobs.contracts import _crops
from facegap.jobs.embedding import embed, embed_all
from facegap.jobs.evaluating import evaluate
from facegap.jobs.hashing import hash_images
from facegap.jobs.study import Study
from facegap.report.text.failures import failure_text
from facegap.run.progress import silent
from facegap.store import EmbeddingStore

BOX = FaceOptions(detector="box")
FIVE = np.array([[30, 40], [50, 41], [40, 52], [33, 62], [49, 61]], np.float32)


@pytest.mark.parametrize(
    ("columns", "corners"),
    [
        (["x", "y", "w", "h"], False),
        (["X", "Y", "Width", "Height"], False),
        (["bbox_x", "bbox_y", "bbox_w", "bbox_h"], False),
        (["left", "top", "width", "height"], False),
        (["x_1", "y_1", "width", "height"], False),
        (["FACE_X", "FACE_Y", "FACE_WIDTH", "FACE_HEIGHT"], False),
        (["left", "top", "right", "bottom"], True),
        (["x1", "y1", "x2", "y2"], True),
        (["bbox-xmin", "bbox-ymin", "bbox-xmax", "bbox-ymax"], True),
        (["box.left", "box.top", "box.right", "box.bottom"], True),
    ],
)
def test_names_of_boxes(columns: Sequence[str], corners: bool) -> None:
    frame = pl.DataFrame([["10", "20", "30.5", "45"]], schema=list(columns), orient="row")
    found = read_boxes(frame)
    assert found is not None
    assert found.corners.tolist() == [[10, 20, 30.5, 45] if corners else [10, 20, 40.5, 65]]
    assert found.reasons == [None]
    assert box_columns(["path", *columns, "age"]) == list(columns)
    assert read_boxes(frame.drop(columns[2])) is None


@pytest.mark.parametrize(
    "names",
    [
        ["lefteye_x", "lefteye_y", "righteye_x", "righteye_y", "nose_x", "nose_y", "leftmouth_x", "leftmouth_y",
         "rightmouth_x", "rightmouth_y"],
        ["left_eye_x", "left_eye_y", "right_eye_x", "right_eye_y", "nose_x", "nose_y", "mouth_left_x", "mouth_left_y",
         "mouth_right_x", "mouth_right_y"],
        ["P1X", "P1Y", "P2X", "P2Y", "P3X", "P3Y", "P4X", "P4Y", "P5X", "P5Y"],
    ],
)  # fmt: skip
@pytest.mark.parametrize("mirrored", [False, True], ids=["in the picture", "of the person"])
def test_names_of_points(names: list[str], mirrored: bool) -> None:
    given = FIVE[[1, 0, 2, 4, 3]] if mirrored else FIVE
    frame = pl.DataFrame(
        [["1", "2", "3", "4", *map(str, given.ravel())]], schema=["x", "y", "w", "h", *names], orient="row"
    )
    found = read_boxes(frame)
    assert found is not None
    np.testing.assert_array_equal(found.points[0], FIVE)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["", "", "", ""], "the table gives no box"),
        ([None, None, None, None], "the table gives no box"),
        (["1", "2", "", "4"], "the box 1, 2, , 4 is no four numbers"),
        (["1", "2", "inf", "4"], "the box 1, 2, inf, 4 is no four numbers"),
        (["a", "2", "3", "4"], "the box a, 2, 3, 4 is no four numbers"),
        (["1", "2", "0", "4"], "the box from 1, 2 to 1, 6 is empty"),
        (["1", "2", "3", "-4"], "the box from 1, 2 to 4, -2 is empty"),
    ],
)
def test_boxes_that_are_none(row: list[str | None], reason: str) -> None:
    frame = pl.DataFrame([row], schema=dict.fromkeys(["x", "y", "w", "h"], pl.String), orient="row")
    found = read_boxes(frame)
    assert found is not None
    assert [*map(failure_text, found.reasons)] == [reason]


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ([""] * 10, ""),
        (["1"] * 9 + [""], "the landmarks are no ten numbers"),
        (["7"] * 10, "the landmarks lie on one line"),
    ],
)
def test_points_that_are_none(points: list[str], reason: str) -> None:
    names = [f"p{i}{axis}" for i in range(1, 6) for axis in "xy"]
    frame = pl.DataFrame([["1", "2", "3", "4", *points]], schema=["x", "y", "w", "h", *names], orient="row")
    found = read_boxes(frame)
    assert found is not None
    assert [*map(failure_text, found.reasons)] == [reason]


def table(tmp_path: Path, boxes: Sequence[Sequence[object]], header: Sequence[str] = ("x", "y", "w", "h")) -> Path:
    """Write four photos of 160 x 120 pixels, two for each of two subjects, and a table with a box for each."""
    rng = np.random.default_rng(4)
    rows = []
    for i, box in enumerate(boxes):
        Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8)).resize((160, 120)).save(tmp_path / f"{i}.png")
        rows.append([f"{i}.png", f"s{i // 2}", *box])
    with (tmp_path / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["path", "subject", *header], *rows])
    return tmp_path / "t.csv"


def shown(crop: str, size: int) -> facegap.Model:
    """Return a model whose embedding is the crop itself."""
    spec = ModelSpec("seen", "python", "1", crop, size, size * size * 3, Comparator.COSINE)
    return facegap.Model(embed=lambda crops: crops.reshape(len(crops), -1), spec=spec)


BOXES = [(10, 20, 60, 70), (0, 0, 160, 120), (-5.5, 30, 40, 200), (80, 10.5, 30, 30)]


def test_the_box_is_what_the_model_sees(tmp_path: Path) -> None:
    manifest = facegap.read([table(tmp_path, BOXES)])
    found = embed(manifest, shown("box", 16), faces=BOX)
    assert found.ok.all()
    for i, (x, y, w, h) in enumerate(BOXES):
        image = np.array(Image.open(tmp_path / f"{i}.png"))
        np.testing.assert_array_equal(found.vectors[i].reshape(16, 16, 3), boxed(image, (x, y, x + w, y + h), 16))
        np.testing.assert_allclose(found.box[i], (x, y, x + w, y + h), rtol=1e-6)


def test_boxes_are_in_pixels_of_the_photo_as_it_was(tmp_path: Path) -> None:
    manifest = facegap.read([table(tmp_path, BOXES[:1] * 4)])
    small = embed(manifest, shown("box", 60), faces=FaceOptions(detector="box", max_side=80))
    assert small.ok.all()
    np.testing.assert_allclose(small.box[0], (10, 20, 70, 90), rtol=1e-6)
    whole = embed(manifest, shown("box", 60), faces=BOX)
    assert np.corrcoef(small.vectors[0], whole.vectors[0])[0, 1] > 0.95


def test_points_align(tmp_path: Path) -> None:
    header = ["x", "y", "w", "h", *(f"p{i}{axis}" for i in range(1, 6) for axis in "xy")]
    path = table(tmp_path, [(*BOXES[0], *FIVE.ravel())] * 4, header)
    found = embed(facegap.read([path]), shown("arcface-112", 112), faces=BOX)
    image = np.array(Image.open(tmp_path / "0.png"))
    np.testing.assert_array_equal(found.vectors[0].reshape(112, 112, 3), arcface_crop(image, FIVE))


def test_bad_boxes_are_failures_and_the_others_count(tmp_path: Path) -> None:
    path = table(tmp_path, [("", "", "", ""), (200, 0, 10, 10), (0, 0, 0, 5), BOXES[0]])
    found = embed(facegap.read([path]), shown("box", 8), faces=BOX)
    assert found.ok.tolist() == [False, False, False, True]
    assert [*map(failure_text, found.detail)] == [
        "the table gives no box", "the box lies outside the 160 x 120 pixels", "the box from 0, 0 to 0, 5 is empty", "",
    ]  # fmt: skip
    assert embed(facegap.read([path]), shown("whole", 8), faces=BOX).ok.all()


@pytest.mark.parametrize("anonymous", [False, True])
def test_two_people_in_one_photo(tmp_path: Path, anonymous: bool) -> None:
    """They are two faces, in the store too, and no conflict of labels."""
    table(tmp_path, BOXES)
    rows = [
        ("0.png", "a", 0, 0, 50, 50),
        ("0.png", "b", 60, 0, 50, 50),
        ("1.png", "a", *BOXES[0]),
        ("2.png", "b", *BOXES[0]),
    ]
    with (tmp_path / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["path", "subject", "x", "y", "w", "h"], *rows])
    manifest = facegap.read([tmp_path / "t.csv"])
    store = EmbeddingStore(tmp_path / "store")
    for known in (0, 4):
        (found,) = embed_all(manifest, [shown("box", 8)], faces=BOX, store=store)
        assert found.found == known
        assert len(np.unique(found.vectors, axis=0)) == 4
    study = Study([tmp_path / "t.csv"], [shown("box", 8)], faces=BOX, store=tmp_path / "store", anonymous=anonymous)
    evaluation = evaluate(study)
    assert "label-conflict" not in evaluation.findings["kind"].to_list()
    assert not evaluation.failures.height
    assert evaluation.models["detector"].to_list() == ["box"]


def test_two_people_in_a_photo_that_is_lost_are_two_failures(tmp_path: Path) -> None:
    table(tmp_path, [*BOXES[:2], *BOXES[:1]])
    rows = [(f"{i}.png", who, *box) for i in range(3) for who, box in zip("ab", BOXES, strict=False)]
    with (tmp_path / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["path", "subject", "x", "y", "w", "h"], *rows])
    manifest = facegap.read([tmp_path / "t.csv"])
    (tmp_path / "1.png").unlink()
    (tmp_path / "2.png").write_bytes((tmp_path / "0.png").read_bytes())
    for hashes in (None, hash_images(manifest.paths)):
        made = embed(manifest, shown("box", 8), faces=BOX, hashes=hashes)
        assert (made.outcome == Outcome.UNREADABLE).tolist() == [path.endswith("1.png") for path in manifest.paths]
        assert made.ok.sum() == 4
        assert len(np.unique(made.vectors[made.ok], axis=0)) == 2  # the same bytes, the same faces


def test_another_box_is_embedded_anew(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path / "store")
    first = embed(facegap.read([table(tmp_path, BOXES)]), shown("box", 8), faces=BOX, store=store)
    again = embed(facegap.read([table(tmp_path, BOXES[::-1])]), shown("box", 8), faces=BOX, store=store)
    assert again.found == 0
    assert not np.array_equal(first.vectors, again.vectors)


def test_without_boxes_one_line_says_what_is_wanted(tmp_path: Path) -> None:
    manifest = facegap.read([table(tmp_path, BOXES, ("a", "b", "c", "d"))])
    with pytest.raises(InputError, match=r"^--detector box takes .* none: give a table with x, y, w, h; x, y, width, "):
        embed(manifest, shown("box", 8), faces=BOX)
    with pytest.raises(InputError, match="has no input size that could be chosen"):
        embed(manifest, shown("box", 8), faces=FaceOptions(detector="box,size=8"))
    with pytest.raises(InputError, match="the boxes are given, so leave it out"):
        embed(facegap.read([table(tmp_path, BOXES)]), shown("box", 8), faces=FaceOptions(detector="box", min_face=30))


def test_boxes_that_nobody_asked_for_are_said(tmp_path: Path) -> None:
    said: list[str] = []
    for crop, detector in (("whole", None), ("box", "none"), ("box", "box"), ("box", None)):
        assert not any("--detector box" in line for line in said)
        faces = FaceOptions(detector=detector)
        evaluate(
            Study([table(tmp_path, BOXES)], [shown(crop, 8)], faces=faces, store=tmp_path / "store"), say=said.append
        )
    assert "the columns x, y, w, h give the faces, and are passed over: --detector box takes them" in said


def test_contracts_are_tried_on_given_boxes(tmp_path: Path) -> None:
    manifest = facegap.read([table(tmp_path, BOXES)])
    rows, crops = _crops(manifest, np.arange(4), 16, BOX, silent)
    assert rows.tolist() == [0, 1, 2, 3]
    x, y, w, h = BOXES[2]
    image = np.array(Image.open(tmp_path / "2.png"))
    np.testing.assert_array_equal(crops["box"][2], boxed(image, (x, y, x + w, y + h), 16))
