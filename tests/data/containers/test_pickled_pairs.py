"""InsightFace's sets are read in every form that Python and numpy write, and nothing in them is run."""

import os
import pickle
import random
import struct
from pathlib import Path

import numpy as np
import pytest

from data.containers.made import picture
from facegap.data.containers import container_of, read_member

IMAGES = [picture(seed, "JPEG") for seed in range(4)]
SAME = [True, False]


def read(path: Path) -> tuple[list[bytes | None], list[bool]]:
    inside = container_of(path)
    return [read_member(f"{path}::{name}", most=10**6) for name in inside.members], inside.same  # pyright: ignore


def refusal(path: Path) -> str:
    with pytest.raises(OSError, match=r".") as told:
        container_of(path)
    assert told.value.strerror
    assert len(told.value.strerror.splitlines()) == 1
    return told.value.strerror


FORMS = {
    "bytes": (IMAGES, SAME),
    "list": [IMAGES, SAME],
    "arrays": ([np.frombuffer(image, np.uint8) for image in IMAGES], SAME),
    "bytearrays": ([bytearray(image) for image in IMAGES], SAME),
    "numbers": (IMAGES, [1, 0]),
    "numpy numbers": (IMAGES, list(np.array(SAME))),
    "array of truth": (IMAGES, np.array(SAME)),
    "tuples": (tuple(IMAGES), tuple(SAME)),
}


FIRST = {"bytearrays": 5}
"""The first protocol that writes a form without a call; else it is 2, that of Python 2."""


@pytest.mark.parametrize(
    ("form", "protocol"),
    [(form, protocol) for form in FORMS for protocol in range(FIRST.get(form, 2), pickle.HIGHEST_PROTOCOL + 1)],
)
def test_every_form_of_a_set(form: str, protocol: int, tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(pickle.dumps(FORMS[form], protocol))
    assert read(tmp_path / "x.bin") == (IMAGES, SAME)


def test_one_image_in_two_pairs(tmp_path: Path) -> None:
    images = [IMAGES[0], IMAGES[1], IMAGES[0], IMAGES[2]]
    (tmp_path / "x.bin").write_bytes(pickle.dumps((images, SAME)))
    assert read(tmp_path / "x.bin")[0] == images


def test_what_python_2_wrote(tmp_path: Path) -> None:
    """Python 2 wrote bytes as strings of its own, in protocol 2."""
    images = b"".join(b"T" + struct.pack("<i", len(image)) + image + b"q\x05" for image in IMAGES)
    data = b"\x80\x02]q\x01(" + images + b"e]q\x02(\x88\x89e\x86q\x03."
    assert pickle.loads(data, encoding="bytes") == (IMAGES, SAME)
    (tmp_path / "x.bin").write_bytes(data)
    assert read(tmp_path / "x.bin") == (IMAGES, SAME)


class Runs:
    def __init__(self, function, *arguments) -> None:
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("where", ["instead", "image", "flag", "state"])
def test_nothing_is_run(where: str, protocol: int, tmp_path: Path) -> None:
    evil = Runs(os.mkdir, str(tmp_path / "run"))
    array = np.frombuffer(IMAGES[0], np.uint8)
    value = {
        "instead": evil, "image": ([evil, *IMAGES[1:]], SAME), "flag": (IMAGES, [evil, False]),
        "state": ([array, evil, *IMAGES[2:]], [True, evil]),
    }[where]  # fmt: skip
    data = pickle.dumps(value, protocol)
    (tmp_path / "x.bin").write_bytes(data)
    assert refusal(tmp_path / "x.bin")
    assert not (tmp_path / "run").exists()
    pickle.loads(data)
    assert (tmp_path / "run").exists()  # it would have been


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ((IMAGES, [True]), "4 images and 1 pairs"),
        (([], []), "0 images and 0 pairs"),
        ({"images": IMAGES}, "no set of images and pairs"),
        (IMAGES, "something else"),
        ((["text"] * 4, SAME), "something else than image files"),
        (([1, 2, 3, 4], SAME), "something else than image files"),
        ((IMAGES, ["yes", "no"]), "true or false"),
    ],
)
def test_other_pickles(value: object, reason: str, tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(pickle.dumps(value))
    assert reason in refusal(tmp_path / "x.bin")


def test_no_damage_escapes(tmp_path: Path) -> None:
    whole, dice, refused = pickle.dumps((IMAGES, SAME)), random.Random(5), []
    path = tmp_path / "x.bin"
    weights = b"\x80\x02.", b"", whole[:100], b"\x8e" + b"\xff" * 8, b"T\xff\xff\xff\xff.", b"(" * 1000 + b"t."
    for turn, data in enumerate([*weights, *[whole] * 300]):
        changed = bytearray(data)
        for _ in range(4 if data is whole else 0):
            changed[dice.choice([dice.randrange(60), dice.randrange(len(whole))])] = dice.randrange(256)
        path.write_bytes(changed)
        os.utime(path, ns=(turn, turn))
        try:
            read(path)
        except OSError as error:
            refused.append(error.strerror)
    assert len(refused) > 20
    assert all(len(reason.splitlines()) == 1 for reason in refused)
