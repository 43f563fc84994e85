"""`--memory` bounds what embeddings take, and changes no number."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.cli import options
from facegap.data.comparator import Comparator
from facegap.data.spec import digest
from facegap.errors import InputError
from facegap.faces import FaceOptions
from facegap.jobs.collect import room_of
from facegap.jobs.embedding import embed_and_measure
from facegap.run.executor import Serial
from facegap.scoring import Keeper, Kept, compare_all
from facegap.store import EmbeddingStore, Record
from facegap.synthetic import write_population

DIMENSION, IMAGES = 4096, 3000
ALL = DIMENSION * IMAGES * 4
"""Bytes of the embeddings of the tests below."""


def model(dimension: int, function: Callable[[np.ndarray], np.ndarray] | None = None) -> facegap.Model:
    spec = facegap.ModelSpec("m", "python", "m", "whole", 32, dimension, Comparator.COSINE)
    return facegap.Model(embed=function or (lambda crops: crops), spec=spec)


def colours(crops: np.ndarray) -> np.ndarray:
    return crops.mean(axis=2).reshape(len(crops), -1).astype(np.float32)


def test_an_evaluation_is_the_same_bytes_however_little_memory_is_allowed(tmp_path):
    write_population(tmp_path / "people", subjects=4, images=3, spread=0.8, seed=1, size=64)
    first = min((tmp_path / "people").rglob("*.jpg"))
    first.with_name("again.jpg").write_bytes(first.read_bytes())
    first.with_name("text.jpg").write_bytes(b"no picture")
    made = []
    for store, memory in (("much", None), ("none", 0), ("none", 0)):  # made, and out of the store
        study = facegap.Study(
            inputs=[tmp_path / "people"], models=[model(96, colours)], store=tmp_path / store, memory=memory
        )
        facegap.evaluate(study).timed(0.0).to_parquet(tmp_path / "e.parquet")
        made.append((tmp_path / "e.parquet").read_bytes())
        assert len(list((tmp_path / store).glob("sums-v2/*"))) == 0
    assert made[0] == made[1] == made[2]
    assert (tmp_path / "none" / "sums-v2").is_dir()


def anonymous() -> int:
    """Return the bytes of memory that this process holds for itself, without the files that it maps."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) << 10


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory is not that of mapped files")
def test_no_step_holds_all_embeddings_where_memory_is_short(tmp_path):
    """Out of the store, checked, and compared; measured whenever progress is told."""
    rng, store, chosen = np.random.default_rng(0), EmbeddingStore(tmp_path / "store"), model(DIMENSION)
    subjects = np.arange(IMAGES) // 3
    hashes = [f"{k:064x}" for k in range(IMAGES)]
    names = {"path": [f"{k}.png" for k in range(IMAGES)], "subject": subjects.astype(str), "cohort": ["one"] * IMAGES}
    manifest = facegap.Manifest(pl.DataFrame(names), ("one",), "made")
    key = digest(chosen.spec, FaceOptions().spec("whole"))
    for start in range(0, IMAGES, 50):
        some = rng.normal(size=(50, DIMENSION)).astype(np.float32)
        store.add(key, [Record(hashes[start + k], 0, "", None, vector) for k, vector in enumerate(some)])
    most = {}
    for name, memory in (("much", None), ("short", ALL // 4)):
        room = room_of(facegap.Study(inputs=[], store=tmp_path / "store", memory=memory))
        before, held = anonymous(), []
        (made,), _, _ = embed_and_measure(
            manifest, [chosen], (), hashes=hashes, store=store, executor=Serial(), room=room
        )
        held.append(anonymous())
        compare_all(
            made.vectors, manifest.subject_codes, manifest.cohort_codes, made.ok, comparator=Comparator.COSINE,
            cohorts=("one",), executor=Serial(), kept=Kept(0), keeper=Keeper(lambda _: tmp_path, room),
            progress=lambda *_, held=held: held.append(anonymous()),
        )  # fmt: skip
        most[name] = max(held) - before
        del made
    assert most["much"] > 1.5 * ALL
    assert most["short"] < most["much"] - 1.5 * ALL


@pytest.mark.parametrize(("text", "bytes_"), [("2GB", 2 * 10**9), ("1.5 tb", 15 * 10**11), ("500MB", 5 * 10**8)])
def test_memory_is_given_in_the_usual_units(text, bytes_):
    assert options.size("--memory", text) == bytes_


@pytest.mark.parametrize("text", ["2", "2 GiB", "-1GB", "all"])
def test_other_words_for_memory_are_one_line(text):
    with pytest.raises(InputError, match=r"^--memory '.*' is not understood: write e.g. --memory 2GB, in MB"):
        options.size("--memory", text)
