"""Fair clocks: what is compared takes turns, so that whatever else the machine does hits all of it alike."""

import time
from collections.abc import Callable, Mapping
from statistics import median

Seconds = dict[str, list[float]]
"""The seconds that each way took, round by round."""


def take_turns(
    ways: Mapping[str, Callable[[], object]],
    rounds: int,
    *,
    prepare: Callable[[], object] = lambda: None,
    after: Callable[[str], object] = lambda _: None,
    clock: Callable[[], float] = time.perf_counter,
) -> Seconds:
    """Run every way once in each round. `prepare` and `after`, told which way ran, are not counted.

    `clock`: `time.process_time` counts the seconds of all cores, and nothing that other programs do.
    """
    taken: Seconds = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            prepare()
            start = clock()
            run()
            taken[name].append(clock() - start)
            after(name)
    return taken


def ratio(over: list[float], under: list[float]) -> float:
    """Return the median over the rounds of one way's seconds over the other's."""
    return median(a / b for a, b in zip(over, under, strict=True))
