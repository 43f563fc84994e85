"""Run every benchmark and print it: `python -m benchmarks`; with `--out docs` it writes `docs/benchmarks.md`."""

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks import page, report_page, scoring
from benchmarks.embedding import embedding
from benchmarks.given_scores import given_scores
from benchmarks.machine import machine
from benchmarks.peers.environment import PEERS
from benchmarks.projection import projection
from benchmarks.section import Section, duration
from benchmarks.sizes import FULL, QUICK
from benchmarks.small_commands import small_commands
from benchmarks.start_up import start_up
from benchmarks.sweep import sweep

IMAGES = "FACEGAP_BENCH_IMAGES"
WIDTH = 150


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes, no other packages: does all of it work?")
    parser.add_argument(
        "--images", type=Path, default=os.environ.get(IMAGES) or None,
        help=f"folder of photos, a folder per subject; else ${IMAGES}, else synthetic ones",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, help="folder to write benchmarks.md to")
    parser.add_argument("--scores", type=int, help="given scores that facegap measures, by default 10 million")
    asked = parser.parse_args(arguments)
    console = Console(width=WIDTH, highlight=False)
    started = time.monotonic()
    sections = run(console, asked.images, quick=asked.quick, asked_scores=asked.scores)
    page.show_goals(console, sections)
    if asked.out is not None:
        asked.out.mkdir(parents=True, exist_ok=True)
        text = page.markdown(sections, machine(), quick=asked.quick)
        (asked.out / "benchmarks.md").write_text(text, encoding="utf-8")
    console.print(f"\nall of it took {duration(time.monotonic() - started)}")


def run(console: Console, images: Path | None, *, quick: bool, asked_scores: int | None = None) -> list[Section]:
    """Run every benchmark, show its table, and return what was found."""
    sizes = QUICK if quick else FULL
    sections: list[Section] = []

    def add(*found: Section) -> None:
        for section in found:
            sections.append(section)
            page.show(console, section)

    def say(line: str) -> None:
        console.print(f"{line} ...", style="dim", markup=False)

    say("dlib's network, and files to embeddings")
    embedded, images_a_second = embedding(sizes, images)
    add(*embedded)
    scored = scoring.measure(sizes.cases, say)
    add(scoring.section(scored))
    add(sweep(sizes, peers=() if quick else PEERS, say=say))
    add(given_scores(asked_scores or sizes.scores, peers=not quick, say=say))
    add(start_up(sizes.starts))
    add(small_commands(sizes.starts))
    add(report_page.section(say))
    add(projection(scored, images_a_second))
    return sections


if __name__ == "__main__":
    main()
