"""Reading each image file once: `python -m benchmarks.reading [FOLDER]`, against reading it three times, in one run.

Three times: for its hash, for its size, and to be decoded, as facegap did before. Once: all of it in the worker. The
network is a mean of colours, so that what is measured is the files and their decoding.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from rich.console import Console

import facegap
from benchmarks.timing import ratio, take_turns
from facegap.data.comparator import Comparator
from facegap.faces import header
from facegap.jobs.embedding import embed_all
from facegap.jobs.hashing import hash_images
from facegap.run.executor import available_workers
from facegap.store import EmbeddingStore

ROUNDS = 7
SIDE = 32
DRAWN = 250
SUBJECTS, PER_SUBJECT = 200, 5


def colours() -> facegap.Model:
    """Return a model that costs next to nothing."""
    spec = facegap.ModelSpec(
        name="colours", runtime="python", weights="mean", crop="whole", size=SIDE, dimension=SIDE * 3,
        comparator=Comparator.COSINE,
    )  # fmt: skip
    return facegap.Model(embed=lambda crops: crops.mean(axis=2).reshape(len(crops), -1), spec=spec)


def thrice(manifest: facegap.Manifest, model: facegap.Model) -> None:
    """Hash all files, look at the header of each, and read them again to embed them."""
    hashes = hash_images(manifest.paths)
    for path in manifest.paths:
        header(path)
    embed_all(manifest, [model], hashes=hashes)


def measure(manifest: facegap.Manifest, console: Console) -> None:
    """Print images a second of both ways, of a first run and of one that finds all in the store."""
    model = colours()
    with TemporaryDirectory() as folder:
        store = EmbeddingStore(Path(folder))
        embed_all(manifest, [model], store=store)
        taken = take_turns(
            {
                "read three times": lambda: thrice(manifest, model),
                "read once": lambda: embed_all(manifest, [model]),
                "known, hashed first": lambda: embed_all(
                    manifest, [model], store=store, hashes=hash_images(manifest.paths)
                ),
                "known, read once": lambda: embed_all(manifest, [model], store=store),
            },
            ROUNDS,
        )
    console.print(f"{len(manifest)} images, {available_workers()} processors")
    for way, seconds in taken.items():
        console.print(f"{way}: {len(manifest) / np.median(seconds):.0f} images a second")
    console.print(f"once over three times: {ratio(taken['read three times'], taken['read once']):.2f}")
    console.print(f"known, once over twice: {ratio(taken['known, hashed first'], taken['known, read once']):.2f}")


def main() -> None:
    """Measure on a folder of photos, a folder per subject, or on synthetic ones."""
    console = Console(highlight=False)
    if len(sys.argv) > 1:
        measure(facegap.read([sys.argv[1]], layout="folders"), console)
        return
    with TemporaryDirectory() as made:
        from facegap.synthetic import write_population

        drawn = {"subjects": SUBJECTS, "images": PER_SUBJECT, "spread": 0.8, "seed": 0, "size": DRAWN}
        write_population(Path(made) / "faces", **drawn, workers=available_workers())
        measure(facegap.read([f"{made}/faces"], layout="folders"), console)


if __name__ == "__main__":
    main()
