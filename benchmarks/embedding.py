"""From faces to embeddings: dlib's network by itself, and the whole way from image files."""

import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

import facegap
from benchmarks.section import Goal, Section, figure
from benchmarks.sizes import Sizes
from benchmarks.timing import ratio, take_turns
from benchmarks.usual_script import Encoder
from facegap.jobs.embedding import embed_and_measure
from facegap.jobs.hashing import hash_images
from facegap.measures import image_measures
from facegap.run.executor import available_workers
from facegap.store import EmbeddingStore, Record

CROP = 150
BATCH = 32
DRAWN = 250
"""Side in pixels of the synthetic photos: that of Labeled Faces in the Wild."""

PER_SUBJECT = 5
PART = 64
"""Embeddings in a part of the store: fewer than a run writes at once, so its syncs are counted more than once."""

MORE = 10
"""The faster network takes so many times as many crops, so that its time can be read."""


def embedding(sizes: Sizes, folder: Path | None) -> tuple[list[Section], float]:
    """Measure on the images of a folder, one folder per subject, or on synthetic ones; return images a second too."""
    if folder is not None:
        return _measure(sizes, facegap.read([str(folder)], layout="folders"), "photographs")
    with TemporaryDirectory() as made:
        from facegap.synthetic import write_population

        subjects = max(2, sizes.images // PER_SUBJECT)
        drawn = {"subjects": subjects, "images": PER_SUBJECT, "spread": 0.8, "seed": 0, "size": DRAWN}
        write_population(Path(made) / "faces", **drawn, workers=available_workers())
        return _measure(sizes, facegap.read([f"{made}/faces"], layout="folders"), "synthetic photos")


def _measure(sizes: Sizes, manifest: facegap.Manifest, kind: str) -> tuple[list[Section], float]:
    chosen = np.linspace(0, len(manifest) - 1, min(sizes.images, len(manifest)), dtype=int)
    part = facegap.Manifest(manifest.frame[chosen], manifest.cohorts, manifest.name)
    files, rate = from_files(part, sizes, kind)
    return [network(part.paths, sizes), files, measuring(part, sizes, kind)], rate


def network(paths: Sequence[str], sizes: Sizes) -> Section:
    """Compare dlib's network as dlib runs it with the same weights in ONNX Runtime, on one thread each."""
    some = [paths[k % len(paths)] for k in range(sizes.crops)]
    crops = np.stack([np.asarray(Image.open(path).convert("RGB").resize((CROP, CROP))) for path in some])
    many = np.tile(crops, (MORE, 1, 1, 1))
    theirs, ours = (facegap.parse_model(name).open() for name in ("dlib:reference", "dlib"))
    apart = np.linalg.norm(theirs.embed(crops) - ours.embed(crops), axis=1).max()
    ways = {
        "dlib": lambda: theirs.embed(crops),
        "facegap": lambda: [ours.embed(many[start : start + BATCH]) for start in range(0, len(many), BATCH)],
    }
    taken = take_turns(ways, sizes.rounds)
    times = MORE * ratio(taken["dlib"], taken["facegap"])
    rows = (
        ("dlib", figure(len(crops) / np.median(taken["dlib"])), ""),
        ("facegap, ONNX Runtime", figure(len(many) / np.median(taken["facegap"])), figure(times)),
    )
    about = (
        f"Faces of {CROP} x {CROP} pixels through dlib's face network on one thread: as dlib runs it, and as facegap\n"
        f"does, from the same weight file, {BATCH} at a time. The largest Euclidean distance between an embedding of\n"
        f"one and of the other was {apart:.1e}."
    )
    goal = Goal("the network alone, times dlib's own", 15, times)
    return Section("The network alone", about, ("", "faces a second", "times dlib"), rows, goals=(goal,))


def from_files(manifest: facegap.Manifest, sizes: Sizes, kind: str) -> tuple[Section, float]:
    """Compare the usual script from image files to embeddings with `facegap.embed`; return its images a second.

    What the store adds to a run is measured by itself, for it is less than what two runs differ by.
    """
    made = facegap.embed(manifest, facegap.parse_model("dlib"))
    encoder, model = Encoder(), facegap.parse_model("dlib")
    few = [manifest.paths[k] for k in np.linspace(0, len(manifest) - 1, sizes.one_by_one, dtype=int)]
    taken = take_turns(
        {
            "script": lambda: [encoder.embed(path) for path in few],
            "facegap": lambda: facegap.embed(manifest, model),
            "store": lambda: keep(manifest.paths, made),
        },
        sizes.rounds,
    )
    times = ratio(taken["script"], taken["facegap"]) * len(manifest) / len(few)
    rate = len(manifest) / float(np.median(taken["facegap"]))
    rows = (
        ("the usual script", str(len(few)), figure(len(few) / np.median(taken["script"])), ""),
        (f"facegap, {available_workers()} cores", str(len(manifest)), figure(rate), figure(times)),
        ("what the store adds", str(len(manifest)), figure(len(manifest) / np.median(taken["store"])), ""),
    )
    about = (
        f"Files of {kind} to embeddings. The usual script takes one image after the other through dlib, on one\n"
        "thread: decode, HOG detector with one doubling, five landmarks, network. `facegap.embed` does the same on\n"
        "all cores, without its store, its start included. The store adds: a checksum of every image, with a\n"
        "reading of its own here; parts written, synced and named by their checksum; and a checked reading."
    )
    columns = ("", "images", "images a second", "times the usual script")
    goal = Goal("from image files to embeddings, times the usual script", 6, times)
    share = Goal(
        "what the store adds to a run from image files",
        3,
        100 * ratio(taken["store"], taken["facegap"]),
        " %",
        most=True,
    )
    return Section("From image files to embeddings", about, columns, rows, goals=(goal, share)), rate


def measuring(manifest: facegap.Manifest, sizes: Sizes, kind: str) -> Section:
    """Say what `--explain` adds to embedding with dlib's network, in processor time."""
    rows = np.linspace(0, len(manifest) - 1, min(4 * sizes.one_by_one, len(manifest)), dtype=int)
    some = facegap.Manifest(manifest.frame[rows], manifest.cohorts, manifest.name)
    model, every = facegap.parse_model("dlib"), image_measures()
    ways = {
        "embedding": lambda: embed_and_measure(some, [model], (), workers=1),
        "embedding and measuring": lambda: embed_and_measure(some, [model], every, workers=1),
    }
    for run in ways.values():
        run()
    taken = take_turns(ways, sizes.rounds, clock=time.process_time)
    more = 100 * (ratio(taken["embedding and measuring"], taken["embedding"]) - 1)
    shown = tuple((name, figure(1000 * np.median(seconds) / len(some))) for name, seconds in taken.items())
    about = (
        f"{len(some)} files of {kind} through dlib's detector and network on one thread, with the measures of\n"
        "`--explain` and without. dlib's 68 landmarks are two thirds of what is added: pose needs them, and this\n"
        "network does not. ArcFace networks need them for their crop, so that measures add less there."
    )
    goal = Goal("what measures of images add to embedding from image files", 10, more, " %", most=True)
    columns = ("", "milliseconds of processor time an image")
    return Section("What `--explain` measures of images", about, columns, shown, goals=(goal,))


def keep(paths: Sequence[str], made: facegap.Embeddings) -> None:
    """Do all that a run with a new store does besides embedding, and read the store back."""
    hashes = hash_images(paths)
    with TemporaryDirectory() as folder:
        store = EmbeddingStore(Path(folder))
        store.load("key", hashes)
        for start in range(0, len(paths), PART):
            store.add("key", [_record(hashes[k], made, k) for k in range(start, min(start + PART, len(paths)))])
        store.load("key", hashes)


def _record(image: str, made: facegap.Embeddings, k: int) -> Record:
    vector = made.vectors[k] if made.ok[k] else None
    return Record(image, int(made.outcome[k]), made.detail[k], None, vector)
