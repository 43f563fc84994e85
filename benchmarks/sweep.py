"""Scores and the rates over thresholds, against the usual script, scikit-learn and other packages."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.metrics import roc_auc_score, roc_curve

import facegap
from benchmarks import usual_script
from benchmarks.memory import peak_of
from benchmarks.peers.environment import Absent, Peer
from benchmarks.peers.environment import run as run_peer
from benchmarks.population import COHORT, draw, study
from benchmarks.section import Goal, Section, duration, figure, size
from benchmarks.sizes import COSINE, EUCLIDEAN, Sizes

DIMENSION = 128
THRESHOLDS_TIMED = 3
"""Of the usual script's hundred thresholds so many are timed, evenly spaced."""

HELD_TO = {"the usual script": 1000, "evalify 1.0.0": 1000}
"""How many times faster facegap is asked to be, by whom it is held against."""

ABOUT = """\
From {images:,} embeddings of {dimension} dimensions to the rates of all {pairs} pairs. facegap (`score`, then
`measure`) gives AUC, EER, and FMR, FNMR, accuracy, precision, recall and F1 over all thresholds in {plain}, and with
intervals for all of it in {sure}: the two columns after the time. Who takes long was run on fewer images; its time is
then multiplied as the notes say, in proportion to the pairs (sorting grows faster than that, what is fixed slower).
Memory is the peak beyond what the process held before, for the images run."""


@dataclass(frozen=True)
class Run:
    """What one peer took.

    `seconds` for `images` images, and `how` they come about where they are a sum. `area`: its AUC. `peak`: the bytes
    that it held at most for those images; 0 where it ran in this process and nobody has looked yet.
    """

    name: str
    does: str
    images: int
    seconds: float
    how: str
    area: float
    comparator: facegap.Comparator = COSINE
    peak: int = 0

    def at(self, images: int) -> float:
        """Return the seconds for that many images, in proportion to the pairs."""
        return self.seconds * pairs(images) / pairs(self.images)


class Facegap:
    """facegap's own seconds, taken again and again between the others' runs."""

    def __init__(self, images: int) -> None:
        self._taken = study(*draw(images, DIMENSION), EUCLIDEAN)
        self._plain: list[float] = []
        self._sure: list[float] = []
        _rates(self._taken, sure=True)  # compiles the kernels

    def again(self) -> None:
        """Measure once more."""
        for seconds, sure in ((self._plain, False), (self._sure, True)):
            start = time.perf_counter()
            _rates(self._taken, sure=sure)
            seconds.append(time.perf_counter() - start)

    @property
    def plain(self) -> float:
        """Seconds without intervals."""
        return median(self._plain)

    @property
    def sure(self) -> float:
        """Seconds with intervals."""
        return median(self._sure)


def pairs(images: int) -> int:
    """Return the number of comparisons among images."""
    return images * (images - 1) // 2


def sweep(sizes: Sizes, *, peers: Sequence[Peer], say: Callable[[str], None]) -> Section:
    """Measure every peer, and facegap between them; one that cannot be had is named and left out."""
    ours = Facegap(sizes.sweep)
    ways = {
        "the usual script": lambda: script_run(sizes.loop),
        "scikit-learn": lambda: scikit_learn_run(sizes.sweep),
        **{peer.name: lambda peer=peer: _peer_run(peer, sizes.peer) for peer in peers},
    }
    runs, absent = [], []
    for name, run in ways.items():
        ours.again()
        say(f"scores and rates with {name}")
        try:
            found, peak = peak_of(run)
            runs.append(replace(found, peak=found.peak or peak))
        except Absent as why:
            absent.append(f"{name} is left out, because it cannot be installed or run here: {why}")
    ours.again()
    return Section(
        "Scores and thresholds",
        ABOUT.format(
            images=sizes.sweep,
            dimension=DIMENSION,
            pairs=figure(pairs(sizes.sweep)),
            plain=duration(ours.plain),
            sure=duration(ours.sure),
        ),
        (
            "",
            "computes",
            "images run",
            "memory there",
            f"time at {sizes.sweep:,} images",
            "times facegap",
            "with intervals",
            "AUC differs by",
        ),
        tuple(_cells(run, sizes.sweep, ours) for run in runs),
        notes=(*(_arithmetic(run, sizes.sweep) for run in runs), *absent),
        goals=tuple(_goals(runs, sizes.sweep, ours)),
    )


def script_run(images: int) -> Run:
    """Time the usual script's double loop, and some of its thresholds."""
    vectors, subject = draw(images, DIMENSION)
    start = time.perf_counter()
    same, distances = usual_script.compare(list(vectors), [str(code) for code in subject])
    area = usual_script.area(same, distances)
    once = time.perf_counter() - start
    timed = np.quantile(distances, np.linspace(0, 1, THRESHOLDS_TIMED + 2)[1:-1])
    start = time.perf_counter()
    for threshold in timed:
        usual_script.at_threshold(same, distances, threshold)
    each = (time.perf_counter() - start) / len(timed)
    does = "distances in a double loop, ROC and AUC; accuracy, precision, recall, F1 at each of 100 thresholds"
    seconds, how = _whole(once, each, len(usual_script.THRESHOLDS))
    return Run("the usual script", does, images, seconds, how, area, EUCLIDEAN)


def scikit_learn_run(images: int) -> Run:
    """Time scikit-learn on the vector of all scores."""
    vectors, subject = draw(images, DIMENSION)
    start = time.perf_counter()
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    a, b = np.triu_indices(images, 1)
    scores, same = (vectors @ vectors.T)[a, b], subject[a] == subject[b]
    area = float(roc_auc_score(same, scores))
    roc_curve(same, scores)
    seconds = time.perf_counter() - start
    does = "all scores by one matrix product, `roc_auc_score`, `roc_curve`"
    return Run("scikit-learn", does, images, seconds, "", area)


def _peer_run(peer: Peer, images: int) -> Run:
    vectors, subject = draw(images, DIMENSION)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "population.npz"
        np.savez(file, vectors=vectors, subject=subject)
        cost = run_peer(peer, file)
    seconds, how = _whole(cost.once, cost.each, peer.thresholds)
    return Run(peer.name, peer.does, images, seconds, how, cost.area, peak=cost.peak)


def _whole(once: float, each: float, thresholds: int) -> tuple[float, str]:
    """Return the seconds of a whole job of which a part is done at each threshold, and the sum in words."""
    sum_in_words = f"{duration(once)} + {thresholds} thresholds x {duration(each)} = " if thresholds else ""
    return once + each * thresholds, sum_in_words


def _rates(taken: tuple[facegap.Embeddings, facegap.Manifest, facegap.ModelSpec], *, sure: bool) -> facegap.Evaluation:
    scored = facegap.score(*taken, intervals=sure)
    return facegap.measure([scored], taken[1], intervals="jackknife" if sure else "none")


def _cells(run: Run, images: int, ours: Facegap) -> tuple[str, ...]:
    taken = study(*draw(run.images, DIMENSION), run.comparator)
    area = _rates(taken, sure=False).value("auc", model=taken[2].name, cohort=COHORT) or 0.0
    seconds = run.at(images)
    return (
        run.name,
        run.does,
        f"{run.images:,}",
        size(run.peak),
        duration(seconds),
        figure(seconds / ours.plain),
        figure(seconds / ours.sure),
        f"{abs(run.area - area):.0e}",
    )


def _arithmetic(run: Run, images: int) -> str:
    if run.images == images:
        return f"{run.name}: {run.how}{duration(run.seconds)} for the {pairs(images):,} pairs."
    times = pairs(images) / pairs(run.images)
    return (
        f"{run.name}: {run.how}{duration(run.seconds)} for the {pairs(run.images):,} pairs of {run.images:,} images, "
        f"x {times:.4g} for {pairs(images):,} pairs = {duration(run.at(images))}."
    )


def _goals(runs: Sequence[Run], images: int, ours: Facegap) -> Iterator[Goal]:
    for run in runs:
        if run.name in HELD_TO:
            what = f"scores and thresholds at {images:,} images, times faster than {run.name}"
            yield Goal(what, HELD_TO[run.name], run.at(images) / ours.plain)
