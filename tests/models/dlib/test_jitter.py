"""The moved copies are dlib's own, whatever was moved before."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from facegap.models.dlib.jitter import jittered

DLIB_ALONE = """
import sys, dlib, numpy as np
crop = np.load(sys.argv[1])
np.save(sys.argv[2], dlib.jitter_image(crop, 20))
"""


def test_the_copies_are_those_of_dlib_in_a_new_process(tmp_path: Path) -> None:
    crop = np.random.default_rng(4).integers(0, 256, (150, 150, 3), dtype=np.uint8)
    np.save(tmp_path / "crop.npy", crop)
    subprocess.run([sys.executable, "-c", DLIB_ALONE, tmp_path / "crop.npy", tmp_path / "copies.npy"], check=True)
    copies = jittered(crop, 20)
    np.testing.assert_array_equal(copies, np.load(tmp_path / "copies.npy"))
    np.testing.assert_array_equal(jittered(crop, 7), copies[:7])
    np.testing.assert_array_equal(jittered(crop[:, ::-1][:, ::-1], 20), copies)
