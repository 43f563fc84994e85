"""Each image is read once, in chunks that suit the memory of a worker."""

from collections import Counter

import pytest
from PIL import Image

from facegap.data import image_file
from facegap.jobs import chunks
from facegap.jobs.embedding import embed, embed_and_measure
from facegap.jobs.hashing import hash_images
from facegap.measures import image_measures
from facegap.run import ordinary
from facegap.run.executor import Threads
from facegap.store import EmbeddingStore
from jobs.embedding.models_made import model, of_files, same


def test_large_files_come_in_chunks_of_their_own(tmp_path):
    sizes = {"small": 100_000, "large": 2_500_000}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(bytes(size))
    order = ["small"] * 11 + ["large"] + ["small"] * 3
    tasks = [chunks.Task(i, str(tmp_path / name), None, (0,)) for i, name in enumerate(order)]
    made = list(chunks.chunks(tasks))
    assert [task for chunk in made for task in chunk.tasks] == tasks
    assert [len(chunk.tasks) for chunk in made] == [8, 3, 1, 3]


def test_an_image_beyond_a_workers_memory_waits_until_it_may_take_it(tmp_path, monkeypatch):
    """A worker says what such an image takes, and it is handed out again with that weight."""
    weights = []

    class Weighing(Threads):
        def map(self, make_worker, items, *, weigh=None):
            for item in items:
                weights.append(weigh(item))
                yield from super().map(make_worker, [item])

    for name, side in (("large", 300), ("small", 40)):
        Image.effect_noise((side, side), 90).save(tmp_path / f"{name}.png")
    (tmp_path / "same.png").write_bytes((tmp_path / "large.png").read_bytes())
    found = of_files(tmp_path)
    plain = embed(found, model("a"))
    monkeypatch.setattr(chunks, "BYTES_PER_WORKER", 40 * 40 * (chunks.SEARCH + 20))
    bounded = embed(found, model("a"), executor=Weighing(2))
    assert same(bounded, plain)
    light, heavy = weights
    assert light == 0
    assert heavy > 300**2 * chunks.SEARCH / chunks.BYTES_PER_WORKER


@pytest.mark.parametrize("measures", [(), image_measures()], ids=["embedded", "measured too"])
def test_a_file_is_read_once(manifest, tmp_path, monkeypatch, measures):
    """It was read for its hash, opened for its size and read again to be decoded."""
    opened, open_ordinary = Counter(), ordinary.open_ordinary

    def counting(path, **options):
        opened[str(path)] += 1
        return open_ordinary(path, **options)

    for module in (ordinary, image_file):
        monkeypatch.setattr(module, "open_ordinary", counting)
    store = EmbeddingStore(tmp_path)
    for found in (0, len(manifest) - 1):  # what is no picture is not kept
        (made,), _, _ = embed_and_measure(manifest, [model("a", "arcface-112")], measures, store=store, workers=2)
        assert made.found == found
        assert opened == dict.fromkeys(manifest.paths, 1)
        opened.clear()


def test_hashes_come_from_the_reading_that_embeds(manifest):
    _, _, hashes = embed_and_measure(manifest, [model("a"), model("b")], (), workers=2)
    assert list(hashes) == hash_images(manifest.paths)


def test_files_with_the_same_bytes_far_apart_have_one_embedding(tmp_path):
    for i in range(20):
        Image.new("RGB", (40, 40), (10 * i, 90, 60)).save(tmp_path / f"{i:02}.png")
    (tmp_path / "30.png").write_bytes((tmp_path / "00.png").read_bytes())
    store = EmbeddingStore(tmp_path / "store")
    made = embed(of_files(tmp_path), model("a"), store=store, executor=Threads(3))
    assert made.vectors[0].tobytes() == made.vectors[20].tobytes()
    kept = [table for folder in store.folders() for _, table in store.tables(folder)]
    assert sum(map(len, kept)) == 20
