"""Scores on a CUDA device against what the chip can do: `python -m benchmarks.gpu --out docs` writes `docs/gpu.md`."""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
from rich.console import Console

import facegap
from benchmarks import page
from benchmarks.machine import machine
from benchmarks.population import draw, study
from benchmarks.section import Goal, Section, duration, figure, size
from benchmarks.sizes import COSINE, EUCLIDEAN, Case
from benchmarks.timing import Seconds, ratio, take_turns
from facegap.scoring.gpu.with_cuda import Cuda
from facegap.scoring.gpu.with_torch import Span
from facegap.scoring.layout import BLOCK, lay_out

CASES = (Case(100_000, 512, COSINE, 3), Case(1_000_000, 512, COSINE, 2), Case(1_000_000, 128, EUCLIDEAN, 1))
ASKED = Case(1_000_000, 512, COSINE, 2)
SECONDS = 10
ON_PROCESSORS = 100_000
"""Images up to which the processors of the same machine take their turn."""

SIDE, PRODUCTS = 8192, 20
PACKAGES = ("numpy", "numba", "numba-cuda", "torch")
INTRODUCTION = """\
# How fast facegap is on a GPU

`python -m benchmarks.gpu --out docs` makes this page, on a machine with a CUDA device and `pip install 'facegap[gpu]'`.
Every number was measured in one run; what is compared took turns, and a ratio is the median over the rounds.
"""
ABOUT = f"""\
All pairs of a population, within one cohort: `facegap.score(..., device="cuda")` from embeddings in the main memory to
counts in the main memory, without and with the sums over subjects that intervals stand on, at the precision float32.
The limits are bare matrix products of {SIDE:,} x {SIDE:,}, nothing kept, with every product counted: *float32*, and
*three of float16*, the way that facegap makes a float32 product. *The processors* are those of the same machine, all of
them. Memory is the most that torch held on the device."""
COLUMNS = (
    "images", "dimensions", "comparator", "pairs", "time", "pairs a second", "of three products of float16",
    "of a float32 product", "with intervals", "intervals add", "memory", "times the processors",
)  # fmt: skip
ERRORS = ("", "root mean square", "largest", "mean")


@dataclass(frozen=True)
class Measured:
    """What one population cost, and the rates of the bare products, pairs a second: of `halves` and in `float32`."""

    case: Case
    seconds: Seconds
    halves: float
    float32: float
    memory: int

    @property
    def cells(self) -> tuple[str, ...]:
        """Its row of the table."""
        pairs = self.case.images * (self.case.images - 1) // 2
        taken, sure = (median(self.seconds[way]) for way in ("counts", "intervals"))
        there = self.seconds.get("processors")
        return (
            f"{self.case.images:,}",
            str(self.case.dimension),
            self.case.comparator.value,
            figure(pairs),
            duration(taken),
            figure(pairs / taken),
            f"{pairs / taken / self.halves:.2f}",
            f"{pairs / taken / self.float32:.2f}",
            duration(sure),
            f"{ratio(self.seconds['intervals'], self.seconds['counts']) - 1:.0%}",
            size(self.memory),
            figure(ratio(there, self.seconds["counts"][: len(there)])) if there else "",
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--out", type=Path, help="folder to write gpu.md to")
    asked = parser.parse_args(arguments)
    console = Console(width=180, highlight=False)
    sections = [scoring(CASES), exactness()]
    for section in sections:
        page.show(console, section)
    page.show_goals(console, sections)
    if asked.out is not None:
        asked.out.mkdir(parents=True, exist_ok=True)
        device = ("device", f"{torch.cuda.get_device_name()}, {size(torch.cuda.mem_get_info()[1])}")
        text = page.markdown(sections, [device, *machine(PACKAGES)], introduction=INTRODUCTION)
        (asked.out / "gpu.md").write_text(text, encoding="utf-8")


def scoring(cases: Sequence[Case]) -> Section:
    """Return the table of populations, and what was asked for."""
    found = [measure(case) for case in cases]
    goals = tuple(
        Goal(f"{one.case.images:,} x {one.case.dimension}, {one.case.comparator}: time without intervals", SECONDS,
             median(one.seconds["counts"]), " s", most=True)
        for one in found if one.case == ASKED
    )  # fmt: skip
    return Section("Scoring", ABOUT, COLUMNS, tuple(one.cells for one in found), tuple(_limits(found)), goals)


def measure(case: Case) -> Measured:
    """Score one population, each way in turn, after a small one that compiles what there is to compile."""
    small = study(*draw(6 * BLOCK, case.dimension), case.comparator)
    taken = study(*draw(case.images, case.dimension), case.comparator)
    ways: dict[str, Callable[[], object]] = {
        "counts": lambda: facegap.score(*taken, intervals=False, device="cuda"),
        "intervals": lambda: facegap.score(*taken, intervals=True, device="cuda"),
    }
    for intervals in (False, True):
        facegap.score(*small, intervals=intervals, device="cuda")
    if case.images <= ON_PROCESSORS:
        facegap.score(*small, intervals=False)
        ways["processors"] = lambda: facegap.score(*taken, intervals=False)
    torch.cuda.reset_peak_memory_stats()
    seconds = take_turns(ways, case.rounds, prepare=torch.cuda.empty_cache)
    memory = torch.cuda.max_memory_allocated()
    return Measured(case, seconds, *(bare_product(case.dimension, three=three) for three in (True, False)), memory)


def bare_product(dimension: int, *, three: bool) -> float:
    """Return how many pairs a second matrix products make, in float32 or of three float16 ones."""
    kind = torch.float16 if three else torch.float32
    a, b = (torch.randn(SIDE, dimension * (3 if three else 1), device="cuda").to(kind) for _ in range(2))
    out, options = torch.empty(SIDE, SIDE, device="cuda"), {"out_dtype": torch.float32} if three else {}

    def run() -> None:
        for _ in range(PRODUCTS):
            torch.mm(a, b.T, out=out, **options)
        torch.cuda.synchronize()

    run()
    taken = take_turns({"product": run}, 3)["product"]
    return PRODUCTS * SIDE * SIDE / median(taken)


def _limits(found: Sequence[Measured]) -> Iterator[str]:
    for one in {one.case.dimension: one for one in found}.values():
        operations = 2 * 3 * one.case.dimension * one.halves
        yield (
            f"Bare products, {one.case.dimension} dimensions: {figure(one.halves)} pairs a second of three of float16, "
            f"{figure(operations / 1e12)} x 10^12 operations a second; {figure(one.float32)} in float32."
        )


def exactness(rows: int = 8 * BLOCK, dimension: int = 512) -> Section:
    """Return how far scores lie from those computed in float64, as facegap and as torch's float32 product has them."""
    vectors, subject = draw(rows, dimension)
    blocks = lay_out(vectors, subject, np.zeros(rows, np.int32), np.arange(rows), COSINE)
    backend = Cuda(blocks, "cuda", "float32")
    unit = torch.from_numpy(blocks.vectors).cuda()
    exact, other = unit.double() @ unit.double().T, torch.mm(unit, unit.T)
    spans = [Span(a, 0, np.ones(len(blocks), bool)) for a in range(len(blocks))]
    found = torch.cat([backend.scores(span)[:, : len(unit)] for span in spans])
    pairs = torch.triu(torch.ones_like(other, dtype=torch.bool), diagonal=1)
    pairs &= (backend.subject[: len(unit)] >= 0)[None, :] & (backend.subject[: len(unit)] >= 0)[:, None]
    rows_of = [
        (name, f"{error.square().mean().sqrt():.1e}", f"{error.abs().max():.1e}", f"{error.mean():.1e}")
        for name, some in (("facegap, three products of float16", found), ("torch, one product of float32", other))
        for error in [(some.double() - exact)[pairs]]
    ]
    about = f"Errors of the cosines of {rows:,} embeddings of {dimension} dimensions against float64."
    return Section("Exactness", about, ERRORS, tuple(rows_of))


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"all of it took {duration(time.monotonic() - started)}")
