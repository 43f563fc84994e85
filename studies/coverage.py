"""Do the intervals hold the truth as often as they say? Simulated populations, many draws each, and what others do.

Run from the top folder: `python -m studies.coverage` prints the table, with `--out docs` it writes table and picture.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from facegap.executor import Processes, available_workers
from studies import ours, peers
from studies.populations import CONTRASTS, POPULATIONS, Population, draw
from studies.reading import Readings
from studies.summary import summarise
from studies.truth import Truth, truth

DRAWS = 2000
"""Draws where nothing differs: with fewer, chance alone puts cells of several hundred beyond the bounds."""

DIFFERENCE_DRAWS = 2000
"""Draws where models and cohorts differ: they show the power."""

PEER_DRAWS = 200
"""Draws that the other methods see: they are slower, and far enough off."""

SEED = 20240607


def run(
    population: Population,
    contrast: str,
    draws: int,
    *,
    peer_draws: int = 0,
    workers: int | None = None,
    seed: int = SEED,
) -> tuple[Truth, list[Readings]]:
    """Return the true values and every draw's intervals; the other methods see the first `peer_draws` draws.

    The draws depend on the seed, the population and the contrast alone, not on the number of workers.
    """
    known = truth(population, contrast)
    key = [*POPULATIONS].index(population.name), [*CONTRASTS].index(contrast)
    seeds = np.random.SeedSequence(seed, spawn_key=key).spawn(draws)

    def make_worker() -> Callable[[tuple[int, np.random.SeedSequence]], Readings]:
        threadpool_limits(1)
        return lambda job: one_draw(population, contrast, known.shipped, job[1], with_peers=job[0] < peer_draws)

    executor = Processes(workers or available_workers())
    return known, list(executor.map(make_worker, enumerate(seeds)))


def one_draw(
    population: Population, contrast: str, shipped: float, seed: np.random.SeedSequence, *, with_peers: bool
) -> Readings:
    """Draw once and return the intervals of every method; where cohorts differ, of the differences alone.

    Then all subjects together are no sample of one population but half of one, half of another.
    """
    people, others = (np.random.default_rng(child) for child in seed.spawn(2))
    drawn = draw(population, CONTRASTS[contrast], people)
    scored, _ = ours.scored(drawn, shipped)
    found = ours.readings(scored)
    if with_peers:
        found |= peers.readings(drawn, shipped, others)
    return found if contrast == "null" else {key: one for key, one in found.items() if key[1].kind != "single"}


def study(
    populations: Sequence[Population],
    *,
    draws: int = DRAWS,
    difference_draws: int = DIFFERENCE_DRAWS,
    peer_draws: int = PEER_DRAWS,
    workers: int | None = None,
    seed: int = SEED,
    say: Callable[[str], None] = lambda line: None,
) -> pl.DataFrame:
    """Return one row per population, contrast, method and quantity; see `summary.SCHEMA`."""
    asked = {"null": (draws, min(draws, peer_draws)), "difference": (difference_draws, 0)}
    frames = []
    for population in populations:
        for contrast, (times, others) in asked.items():
            if not times:
                continue
            started = time.monotonic()
            known, found = run(population, contrast, times, peer_draws=others, workers=workers, seed=seed)
            frames.append(summarise(population.name, contrast, known, found))
            say(f"{population.name}, {contrast}: {time.monotonic() - started:.0f} s")
    return pl.concat(frames)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study from the command line."""
    from rich.console import Console

    from studies import pages

    parser = argparse.ArgumentParser(prog="python -m studies.coverage", description=__doc__)
    parser.add_argument("--draws", type=int, default=DRAWS, help="draws of each population without a difference")
    parser.add_argument("--difference-draws", type=int, default=DIFFERENCE_DRAWS, help="draws with one")
    parser.add_argument("--peer-draws", type=int, default=PEER_DRAWS, help="draws that the other methods see too")
    parser.add_argument("--population", action="append", choices=list(POPULATIONS), help="only this one, or these")
    parser.add_argument("--workers", type=int, help="processes")
    parser.add_argument("--seed", type=int, default=SEED, help="who is drawn: another number draws other people")
    parser.add_argument("--out", type=Path, help="folder for coverage.json, coverage.md, coverage.svg and coverage.png")
    asked = parser.parse_args(arguments)
    console = Console(width=150)
    chosen = [POPULATIONS[name] for name in asked.population or POPULATIONS]
    found = study(
        chosen,
        draws=asked.draws,
        difference_draws=asked.difference_draws,
        peer_draws=asked.peer_draws,
        workers=asked.workers,
        seed=asked.seed,
        say=console.print,
    )
    for table in pages.terminal_tables(found):
        console.print(table)
    if asked.out:
        pages.write(found, asked.out)


if __name__ == "__main__":
    main()
