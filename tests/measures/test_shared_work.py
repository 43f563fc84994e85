"""What a crop has worked out of a face is not worked out again for its measures."""

import numpy as np
import pytest

from facegap.faces import DEFAULT_FACES, make_croppers, make_finder, read_photo
from facegap.faces.dlib_points import DlibLandmarks
from facegap.jobs.measuring import Measuring
from facegap.measures import image_measures
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
    measuring = Measuring(image_measures(), DEFAULT_FACES)
    for data, expected in zip(files, alone, strict=True):
        read = read_photo(data)
        assert cropper.crop(read).pixels is not None
        found = measuring.record("", read, data, finder)
        assert found.vector is not None
        np.testing.assert_array_equal(found.vector, np.array(list(expected.values()), np.float32))
    assert len(asked) == len(files)
