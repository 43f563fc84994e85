"""What the process that asks holds for each image while others embed: columns of numbers, and no object."""

import tracemalloc

import numpy as np
import polars as pl
import pytest
from benchmarks.driver import PLAYED

import facegap
from facegap.data.comparator import Comparator
from facegap.jobs.embedding import embed_and_measure
from facegap.models import ModelSource
from facegap.run.room import Room

MOST = 160
"""Bytes for each image; it is about 95 (docs/scale.md), and was more than 700."""

DIMENSION = 16


def most_held(images: int, name: str, folder) -> int:
    """Return the most bytes that Python and numpy held, embeddings in a file aside."""
    rows = pl.DataFrame({"path": np.arange(images)}).with_columns(pl.format("{}.jpg", "path"), cohort=pl.lit("one"))
    manifest = facegap.Manifest(rows.with_columns(subject="path").select("path", "subject", "cohort"), ("one",), "made")
    spec = facegap.ModelSpec("m", "onnxruntime", "m", "whole", 32, DIMENSION, Comparator.COSINE)
    model = ModelSource(spec, lambda: facegap.Model(embed=lambda crops: crops, spec=spec))
    (folder / "room").mkdir(parents=True)
    room = Room(lambda _: folder / "room", most=0)
    tracemalloc.start()
    try:
        (made,), _, _ = embed_and_measure(
            manifest, [model], (), store=facegap.EmbeddingStore(folder / "store"), executor=PLAYED[name], room=room
        )
        assert made.ok.all()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", PLAYED)
def test_an_image_takes_a_few_numbers(tmp_path, name):
    most_held(100, name, tmp_path / "first")  # what is loaded once
    few, many = (most_held(images, name, tmp_path / str(images)) for images in (1500, 4500))
    assert (many - few) / 3000 < MOST
