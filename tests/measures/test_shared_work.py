"""What a crop has worked out of a face is not worked out again for its measures."""

from collections.abc import Sequence
from pathlib import Path
from weakref import ref

import numpy as np
import pytest

import facegap
from facegap.faces import DEFAULT_FACES, Finder, Photo, make_croppers, make_finder, read_photo
from facegap.faces.dlib_points import DlibLandmarks
from facegap.jobs.embedding import embed_and_measure
from facegap.jobs.measuring import HELD, Measurer, Measuring, Unmeasured
from facegap.measures import image_measures
from facegap.store import Record
from measures.made import measured, photo


def test_a_crop_and_the_measures_of_a_face_share_its_landmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    files, asked = [photo(seed) for seed in (1, 2)], []
    alone = [measured(data) for data in files]
    predict = DlibLandmarks.predict

    def counted(self: DlibLandmarks, image: np.ndarray, face) -> np.ndarray:
        asked.append(face)
        return predict(self, image, face)

    monkeypatch.setattr(DlibLandmarks, "predict", counted)
    finder = make_finder()
    (cropper,) = make_croppers([("arcface-112", 112)], finder=finder)
    read = [read_photo(data) for data in files]
    assert all(cropper.crop(one).pixels is not None for one in read)
    images = [Unmeasured(k, "", one, data) for k, (one, data) in enumerate(zip(read, files, strict=True))]
    records = Measuring(image_measures(), DEFAULT_FACES).worker(finder).records(images)
    for record, expected in zip(records, alone, strict=True):
        assert record.vector is not None
        np.testing.assert_array_equal(record.vector, np.array(list(expected.values()), np.float32))
    assert len(asked) == len(files)


def test_a_photo_is_searched_once_while_it_is_held_and_then_forgotten() -> None:
    searched: list[Photo] = []
    finder = Finder(lambda photo: searched.append(photo) or [], "main")
    photos = [read_photo(photo(seed)) for seed in (1, 2)]
    found = [finder.find(one) for one in photos]
    assert [finder.find(one) for one in photos] == found
    assert len(searched) == len(photos)
    gone = ref(photos[0])
    searched.clear()
    photos.clear()
    assert gone() is None


def test_photos_that_wait_to_be_measured_are_held_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for seed, subject in enumerate("aab"):
        (tmp_path / f"{subject}_{seed}.jpg").write_bytes(photo(seed, size=96))
    (tmp_path / "c_3.jpg").write_bytes(b"no image")
    held: list[int] = []
    records = Measurer.records

    def counted(self: Measurer, images: Sequence[Unmeasured]) -> list[Record]:
        held.append(len(images))
        return records(self, images)

    monkeypatch.setattr(Measurer, "records", counted)
    manifest, values = facegap.read([str(tmp_path)]), []
    for limit in (HELD, 96 * 96 * 3):
        monkeypatch.setattr("facegap.jobs.chunks.HELD", limit)
        values.append(embed_and_measure(manifest, [facegap.parse_model("dlib")], image_measures(), workers=1)[1])
        assert max(held) == (4 if limit == HELD else 2)
        held.clear()
    np.testing.assert_array_equal(*values)
    assert np.isfinite(values[0][:3]).any(axis=1).all()
    assert np.isnan(values[0][3]).all()
