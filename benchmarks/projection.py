"""What more images and more machines would take, computed from what was measured."""

from collections.abc import Sequence

from benchmarks.scoring import Scored
from benchmarks.section import Section, duration, figure, size
from facegap.run.executor import available_workers

IMAGES = (1_000_000, 100_000_000)
CORES, MACHINES = 64, 100
FLOAT = 4
COLUMNS = (
    "images", "dimensions", "machines x cores", "embeddings", "from files to embeddings", "pairs", "scoring",
    "scoring with intervals",
)  # fmt: skip
ABOUT = """\
Nothing here was measured: it is the arithmetic below, with the rates of this page. It assumes that every core is as
fast as those of this machine and is kept as busy, with memory as near; and, for several machines, that pairs are split
evenly: counts add up, so machines need to meet once, at the end. facegap itself runs on one machine."""


def projection(found: Sequence[Scored], images_a_second: float) -> Section:
    """Return what each number of images would take, from the rates of the largest population of each dimension."""
    here = available_workers()
    fleets = ((1, here), (1, CORES), (MACHINES, CORES))
    largest = {one.case.dimension: one for one in sorted(found, key=lambda one: one.case.images)}
    rows = tuple(
        _row(images, one, images_a_second, machines, cores)
        for one in largest.values()
        for images in IMAGES
        for machines, cores in fleets
    )
    one, images = largest[max(largest)], IMAGES[-1]
    pairs, cores = images * (images - 1) / 2, MACHINES * CORES
    notes = (
        f"Rates, all with {here} cores: {figure(images_a_second)} images a second from files; "
        + "; ".join(
            f"{figure(k.rate)} pairs a second at {d} dimensions ({k.case.images:,} images, {k.case.comparator}), "
            f"intervals add {k.added:.0%}"
            for d, k in largest.items()
        )
        + ".",
        f"So {figure(images)} images x {one.case.dimension} on {cores:,} cores: N (N − 1) / 2 = {figure(pairs)} pairs, "
        f"divided by {figure(one.rate)} x {cores:,} / {here} a second: {duration(pairs / one.rate * here / cores)}. "
        f"The embeddings are N x {one.case.dimension} x {FLOAT} bytes = {size(images * one.case.dimension * FLOAT)}.",
    )
    return Section("Larger, computed", ABOUT, COLUMNS, rows, notes)


def _row(images: int, one: Scored, images_a_second: float, machines: int, cores: int) -> tuple[str, ...]:
    times = machines * cores / available_workers()
    pairs = images * (images - 1) / 2
    scoring = pairs / (one.rate * times)
    return (
        figure(images),
        str(one.case.dimension),
        f"{machines} x {cores}",
        size(images * one.case.dimension * FLOAT),
        duration(images / (images_a_second * times)),
        figure(pairs),
        duration(scoring),
        duration(scoring * (1 + one.added)),
    )
