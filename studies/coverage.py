"""Do the intervals hold the truth as often as they say? Many draws of simulated and of real people, and what others do.

Run from the top folder: `python -m studies.coverage` prints the tables, with `--out docs` it writes page and picture.
"""

import argparse
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl
import polars.selectors as cs
from threadpoolctl import threadpool_limits

from facegap.run.executor import Processes, available_workers
from studies import many, ours, peers, planned, real
from studies.populations import CONTRASTS, POPULATIONS, Population, draw
from studies.reading import OTHER_LEVELS, Readings
from studies.summary import SCHEMA, share_row, summarise, wired
from studies.truth import Truth, truth

DRAWS = 1000
"""Draws where nothing differs: with fewer, chance alone puts cells of several hundred beyond the bounds."""

DIFFERENCE_DRAWS = 1000
"""Draws where models and cohorts differ: they show the power."""

REAL_DRAWS = 1000
"""Studies that are drawn of real people."""

SPLITS = 200
"""Ways in which the same people are put into many cohorts."""

PEER_DRAWS = 200
"""Draws that the other methods see: they are slower, and far enough off."""

STUDIES_OF_A_PLAN = 10
"""Studies that are drawn of what one pilot asks for."""

REAL = Path(__file__).parents[2] / "shared" / "data" / "lfw-half-embeddings.npz"
GROUPS = ("a", "b", "c", "d", "e")
SPLIT_POPULATION = "200 x 4"
PLANNED_POPULATION = "60 x 5"

SEED = 20261129
"""Who is drawn. No rule of facegap was chosen on these draws."""

Item = TypeVar("Item")
Result = TypeVar("Result")
Say = Callable[[str], None]


def each(work: Callable[[Item], Result], items: Iterable[Item], workers: int | None) -> list[Result]:
    """Do the work on each item, in processes that use one processor each; one worker is this process."""
    if workers == 1:
        with threadpool_limits(1):
            return [work(item) for item in items]

    def make_worker() -> Callable[[Item], Result]:
        threadpool_limits(1)
        return work

    return list(Processes(workers or available_workers()).map(make_worker, items))


def seeds(seed: int, key: tuple[int, ...], number: int) -> list[np.random.SeedSequence]:
    """Return a seed for each of so many draws of the cell that `key` names."""
    return np.random.SeedSequence(seed, spawn_key=key).spawn(number)


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

    def work(job: tuple[int, np.random.SeedSequence]) -> Readings:
        return one_draw(population, contrast, known.shipped, job[1], with_peers=job[0] < peer_draws)

    return known, each(work, enumerate(seeds(seed, key, draws)), workers)


def one_draw(
    population: Population,
    contrast: str,
    shipped: tuple[float, float],
    seed: np.random.SeedSequence,
    *,
    with_peers: bool,
) -> Readings:
    """Draw once and return the intervals of every method; where cohorts differ, of the differences alone.

    Then all subjects together are no sample of one population but half of one, half of another.
    """
    people, others = (np.random.default_rng(child) for child in seed.spawn(2))
    drawn = draw(population, CONTRASTS[contrast], people)
    scored, _ = ours.scored(drawn, shipped, histograms=population.histograms)
    found = ours.readings(scored, levels=OTHER_LEVELS if contrast == "null" else ())
    if with_peers:
        found |= peers.readings(drawn, shipped[0], others)
    return found if contrast == "null" else {key: one for key, one in found.items() if key[1].kind != "single"}


def simulated(
    population: Population, contrast: str, draws: int, *, peer_draws: int, workers: int | None, seed: int
) -> pl.DataFrame:
    """Return the rows of one population and contrast."""
    known, found = run(population, contrast, draws, peer_draws=peer_draws, workers=workers, seed=seed)
    return wired(summarise(population.group, population.name, contrast, known, found))


def of_real_people(
    universe: real.Universe, design: real.Design, draws: int, *, workers: int | None, seed: int
) -> pl.DataFrame:
    """Return the rows of one design of real studies."""
    people = universe.among(design.least)
    known = real.truth(people, design)
    kinds = frozenset({"models"}) if design.jittered else ours.ALL

    def work(child: np.random.SeedSequence) -> Readings:
        drawn = real.draw(people, design, np.random.default_rng(child))
        made, _ = ours.scored(drawn, known.shipped)
        return real.judged(ours.readings(made, kinds=kinds), people, design)

    found = each(work, seeds(seed, (1000 + real.DESIGNS.index(design),), draws), workers)
    rows = summarise("c", design.name, "null", known, found)
    return rows.with_columns(contrast=pl.Series(real.contrast_of(rows["kind"].to_list(), design)))


def of_many_cohorts(people: many.Splittable, cohorts: int, splits: int, *, workers: int | None, seed: int):
    """Return the rows of one way to put people into cohorts at random."""
    key = (2000 + cohorts, *people.name.encode())
    claims = each(
        lambda child: many.split(people, cohorts, np.random.default_rng(child)), seeds(seed, key, splits), workers
    )
    return pl.DataFrame(many.rows(f"{people.name}: {cohorts} cohorts", claims), schema=SCHEMA)


def of_plans(population: Population, between: str, pilots: int, *, workers: int | None, seed: int) -> pl.DataFrame:
    """Return one row: how often studies of the size that pilots ask for find the gap."""
    known = truth(population, "difference")

    def work(child: np.random.SeedSequence) -> float:
        first, *others = (np.random.default_rng(one) for one in child.spawn(1 + STUDIES_OF_A_PLAN))
        asked = planned.pilot_plan(population, between, known, first)
        return float(np.mean([planned.finds(population, asked, known, rng) for rng in others]))

    shares = each(work, seeds(seed, (3000, *between.encode()), pilots), workers)
    quantity = planned.ASKED[between]._replace(kind="plan")
    row = share_row("e", f"{population.name}, between two {between}", "difference", ours.METHOD, quantity, shares)
    return pl.DataFrame([{**row, "draws": pilots * STUDIES_OF_A_PLAN}], schema=SCHEMA)


def cells(asked: argparse.Namespace, say: Say) -> Iterator[tuple[str, Callable[[], pl.DataFrame]]]:
    """Yield every cell of the study that is asked for: its name, and what makes its rows."""
    how = {"workers": asked.workers, "seed": asked.seed}
    groups, chosen = asked.group or GROUPS, asked.population or POPULATIONS
    for population in (POPULATIONS[name] for name in chosen):
        for contrast, draws in (("null", asked.draws), ("difference", asked.difference_draws)):
            if population.group in groups and draws:
                others = min(draws, asked.peer_draws) if contrast == "null" else 0
                make = partial(simulated, population, contrast, draws, peer_draws=others, **how)
                yield f"{population.name}, {contrast}", make
    if asked.population:
        return
    universe = _universe(asked.real, say) if {"c", "d"} & {*groups} else None
    if universe is not None and "c" in groups and asked.real_draws:
        for design in real.DESIGNS:
            yield design.name, partial(of_real_people, universe, design, asked.real_draws, **how)
    if "d" in groups and asked.splits:
        for people in _splittable(universe, asked.people or []):
            for cohorts in many.COHORTS:
                make = partial(of_many_cohorts, people, cohorts, asked.splits, **how)
                yield f"{people.name}, {cohorts} cohorts", make
    if "e" in groups and asked.pilots:
        for between in planned.ASKED:
            make = partial(of_plans, POPULATIONS[PLANNED_POPULATION], between, asked.pilots, **how)
            yield f"plan between {between}", make


def _universe(path: Path, say: Say) -> real.Universe | None:
    if path.exists():
        return real.Universe.read(path)
    say(f"{path} is not there: real embeddings are left out. Give them with --real")
    return None


def _splittable(universe: real.Universe | None, more: Sequence[Path]) -> Iterator[many.Splittable]:
    for title, everyone in [("LFW", universe), *((path.stem, real.Universe.read(path)) for path in more)]:
        if everyone is not None:
            thresholds = real.truth(everyone, real.Design("everyone", everyone.people, 1)).shipped
            yield from (many.real(title, everyone, model, thresholds[model]) for model in range(2))
    yield many.simulated(SPLIT_POPULATION, truth(POPULATIONS[SPLIT_POPULATION], "null").shipped[0])


def study(asked: argparse.Namespace, say: Say = lambda line: None) -> pl.DataFrame:
    """Return one row per population, contrast, method and quantity; see `summary.SCHEMA`.

    Finished cells are kept in the folder `asked.keep`, if there is one, and taken from there the next time.
    """
    frames = []
    for name, make in cells(asked, say):
        place = asked.keep and asked.keep / f"{name.replace(' ', '-').replace('/', '-')}.parquet"
        if place and place.exists():
            frames.append(pl.read_parquet(place))
            continue
        started = time.monotonic()
        frames.append(make())
        say(f"{name}: {time.monotonic() - started:.0f} s")
        if place:
            place.parent.mkdir(parents=True, exist_ok=True)
            frames[-1].write_parquet(place)
    found = pl.concat(frames) if frames else pl.DataFrame(schema=SCHEMA)
    return found.with_columns(cs.float().fill_nan(None)).sort("group", maintain_order=True)


def parser() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = argparse.ArgumentParser(prog="python -m studies.coverage", description=__doc__)
    made.add_argument("--draws", type=int, default=DRAWS, help="draws of each population without a difference")
    made.add_argument("--difference-draws", type=int, default=DIFFERENCE_DRAWS, help="draws with one")
    made.add_argument("--peer-draws", type=int, default=PEER_DRAWS, help="draws that the other methods see too")
    made.add_argument("--real-draws", type=int, default=REAL_DRAWS, help="studies of real people in each design")
    made.add_argument("--splits", type=int, default=SPLITS, help="ways to put people into many cohorts")
    made.add_argument("--pilots", type=int, default=planned.PILOTS, help="pilots whose plans are carried out")
    made.add_argument("--group", action="append", choices=GROUPS, help="only this group, or these")
    made.add_argument("--population", action="append", choices=list(POPULATIONS), help="only this one, or these")
    made.add_argument("--real", type=Path, default=REAL, help=".npz with `subject` and embeddings of two models")
    more = "another such file, whose people are put into many cohorts too; `python -m studies.embed` makes one"
    made.add_argument("--people", type=Path, action="append", help=more)
    made.add_argument("--workers", type=int, help="processes")
    made.add_argument("--seed", type=int, default=SEED, help="who is drawn: another number draws other people")
    made.add_argument("--keep", type=Path, help="folder for finished cells: an interrupted study goes on from there")
    made.add_argument("--out", type=Path, help="folder for coverage.json, coverage.md, coverage.svg and coverage.png")
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study from the command line."""
    from rich.console import Console

    from studies import pages

    asked = parser().parse_args(arguments)
    console = Console(width=150)
    found = study(asked, console.print)
    for table in pages.terminal_tables(found):
        console.print(table)
    if asked.out:
        pages.write(found, asked.out)


if __name__ == "__main__":
    main()
