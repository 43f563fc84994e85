"""The contracts that were tried with a network, on the terminal."""

from math import isnan
from pathlib import Path

from facegap.cli.columns import Columns
from facegap.cli.console import Terminal
from facegap.jobs.contracts import LEVEL, Ranking, Tried

USELESS = 0.6
"""An AUC below which the best contract fits no better than the others."""

SHOWN_OPEN = 4


def print_ranking(console: Terminal, file: Path, found: Ranking) -> None:
    """Print every contract with its numbers, and a verdict."""
    table = Columns()
    table.add_column("Contract", overflow="fold")
    for name in ("AUC", "Against the best"):
        table.add_column(name)
    for one in (*found.tried, found.mirrored):
        told = one.gap is None or one.p < 1 - LEVEL
        table.add_row(_named(one), _auc(one), _against(one) + ("" if told else "; can't tell"))
    console.print(f"\n{found.images} images of {found.subjects} subjects, the same ones for each contract:\n")
    console.print(table)
    console.print()
    for line in verdict(file.stem, found):
        console.print(line, soft_wrap=True)


def verdict(name: str, found: Ranking) -> list[str]:
    """Return what the ranking says, in sentences."""
    best, flip = found.tried[0], found.mirrored
    if best.auc < USELESS:
        return [
            f"No contract fits {name}: the best, {_named(best)}, has an AUC of {best.auc:.4f}. Is it a face network?"
        ]
    value = f"AUC {best.auc:.4f}"
    if not found.open:
        lines = [f"{name} obeys {_named(best)} ({value}): every other contract that was tried is worse."]
    else:
        also = "; ".join(f"{_named(one)}, {_against(one)}" for one in found.open[:SHOWN_OPEN])
        more = f"; and {len(found.open) - SHOWN_OPEN} more" if len(found.open) > SHOWN_OPEN else ""
        lines = [
            f"{name} does best with {_named(best)} ({value}).",
            f"Can't tell it from: {also}{more}. More subjects may tell; what its authors say counts.",
        ]
    if flip.p < 1 - LEVEL:
        lines.append(f"With the embedding of the mirror image added it is {_against(flip)}.")
    return lines


def _named(one: Tried) -> str:
    words = f"{one.crop}, {one.pixels}, {one.colour}" + (", and mirrored" if one.flip else "")
    return f"{words} = {one.preset}" if one.preset else words


def _auc(one: Tried) -> str:
    return f"{one.auc:.4f}" if isnan(one.low) else f"{one.auc:.4f} [{one.low:.4f}, {one.high:.4f}]"


def _against(one: Tried) -> str:
    """Return how much worse or better a contract is than the best one, with its interval, in that direction."""
    if one.gap is None:
        return "the best"
    better = one.gap.value > 0
    low, high = (one.gap.low, one.gap.high) if better else (-one.gap.high, -one.gap.low)
    interval = "" if isnan(low) else f" [{low:.4f}, {high:.4f}]"
    measure = f"FNMR at {one.at}" if one.at else "AUC"
    return f"{measure} {abs(one.gap.value):.4f} {'better' if better else 'worse'}{interval}"
