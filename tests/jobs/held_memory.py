"""How much memory a process holds while embeddings come out of the store and are compared: run alone, it prints it."""

import json
import sys
from pathlib import Path

import numpy as np
import polars as pl

import facegap
from facegap.data.comparator import Comparator
from facegap.data.spec import digest
from facegap.faces import FaceOptions
from facegap.jobs.embed_study import room_of
from facegap.jobs.embedding import embed_and_measure
from facegap.run.executor import Serial
from facegap.scoring import Keeper, Kept, compare_all
from facegap.store import EmbeddingStore, Record

DIMENSION, IMAGES = 2048, 3000
ALL = DIMENSION * IMAGES * 4
"""Bytes of the embeddings."""


def anonymous() -> int:
    """Return the bytes of memory that this process holds for itself, without the files that it maps."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) << 10


def measured(folder: Path) -> dict[str, int]:
    """Return the most bytes held with much memory and where it is short; measured whenever progress is told."""
    spec = facegap.ModelSpec("m", "python", "m", "whole", 32, DIMENSION, Comparator.COSINE)
    rng, store, chosen = (
        np.random.default_rng(0),
        EmbeddingStore(folder / "store"),
        facegap.Model(embed=lambda crops: crops, spec=spec),
    )
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
        room = room_of(facegap.Study(inputs=[], store=folder / "store", memory=memory))
        before, held = anonymous(), []
        (made,), _, _ = embed_and_measure(
            manifest, [chosen], (), hashes=hashes, store=store, executor=Serial(), room=room
        )
        held.append(anonymous())
        compare_all(
            made.vectors, manifest.subject_codes, manifest.cohort_codes, made.ok, comparator=Comparator.COSINE,
            cohorts=("one",), executor=Serial(), kept=Kept(0), keeper=Keeper(lambda _: folder, room),
            progress=lambda *_, held=held: held.append(anonymous()),
        )  # fmt: skip
        most[name] = max(held) - before
        del made
    return most


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]))))
