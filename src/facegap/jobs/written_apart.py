"""Embeddings that workers on other machines write to the store themselves, so that no vector passes this process."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from facegap.data.embeddings import Outcome
from facegap.jobs.chunks import Chunk, Worked, WorkerMaker
from facegap.run.executor import Executor
from facegap.run.seeing import Seeing
from facegap.store import EmbeddingStore, Record

logger = logging.getLogger(__name__)

MOST = 256
"""Images that a worker takes at once, seconds of work: they make a part of the store, or some."""

SHARE = 8
"""A worker takes no more than one in so many of its share of all images, so that all end at about the same time."""


@dataclass(frozen=True)
class Batch:
    """Some chunks that a worker takes at once."""

    chunks: tuple[Chunk, ...]

    @property
    def weight(self) -> float:
        """See `Chunk.weight`; a worker does one chunk after another."""
        return max(chunk.weight for chunk in self.chunks)


def write_there(executor: Executor, store: EmbeddingStore | None) -> bool:
    """Return whether the workers are to write to the store: they are on Ray, and see its disk or reach its URL.

    Where they do not, a line says so, and what they make comes here.
    """
    if store is None or not isinstance(executor, Seeing):
        return False
    if executor.sees(store.place):
        return True
    logger.warning(
        "the workers do not see the store %s: embeddings pass this machine, which writes them; "
        "a --store that all machines can write to, on a disk or at a URL, is faster",
        store.place,
    )
    return False


def batches(chunks: Iterable[Chunk], images: int, workers: int) -> Iterator[Batch]:
    """Yield the chunks of so many images for so many workers, some at a time."""
    most, held = min(images // (SHARE * workers), MOST), []
    for chunk in chunks:
        if held and sum(len(each.tasks) for each in (*held, chunk)) > most:
            yield Batch(tuple(held))
            held = []
        held.append(chunk)
    if held:
        yield Batch(tuple(held))


@dataclass(frozen=True)
class WritingMaker:
    """Sets a worker up that works as those of `maker` do, and writes what it makes under `keys` to `stores`."""

    maker: WorkerMaker
    stores: Sequence[EmbeddingStore]
    keys: Sequence[str]

    def __call__(self) -> Callable[[Batch], Worked]:
        """Return what embeds a batch; what it returns holds no vectors but says which images are stored."""
        return partial(_written, self.maker(), self.stores, self.keys)


def is_kept(record: Record) -> bool:
    """Return whether the store takes a record: an image that cannot be read may be readable another time."""
    return bool(record.image) and record.outcome != Outcome.UNREADABLE


def _written(
    work: Callable[[Chunk], Worked], stores: Sequence[EmbeddingStore], keys: Sequence[str], batch: Batch
) -> Worked:
    written = Worked()
    with ExitStack() as stack:
        writers = [stack.enter_context(store.writer(key)) for store, key in zip(stores, keys, strict=True)]
        for worked in map(work, batch.chunks):
            written.images.update(worked.images)
            written.heavy.update(worked.heavy)
            for row, k, record in worked.made:
                if is_kept(record):
                    writers[k].add(record)
                    written.stored.append((k, row))
                else:
                    written.made.append((row, k, record))
    return written
