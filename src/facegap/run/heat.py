"""Keeping the processor cool: work waits while it is hotter than a user wants it to be."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

RELIEF = 4.0
"""Degrees below the limit at which work goes on, so that it does not start and stop all the time."""

PAUSE_SECONDS = 1.0

CHIPS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "soc_thermal", "acpitz")
"""The names under which systems report the processor's sensors."""


def processor_temperature() -> float | None:
    """Return the temperature of the hottest processor sensor in degrees Celsius, or None where there is none."""
    import psutil

    read = getattr(psutil, "sensors_temperatures", None)  # absent on macOS and Windows
    chips = read() if read else {}
    return max((sensor.current for chip in CHIPS for sensor in chips.get(chip, ())), default=None)


def cooled(
    items: Iterable[Item],
    limit: float,
    *,
    tell: Callable[[float | None], None],
    thermometer: Callable[[], float | None] = processor_temperature,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Item]:
    """Yield the items, waiting before each while the processor is hotter than `limit` degrees Celsius.

    Once hot, work goes on at `RELIEF` degrees below the limit. What was handed out before is still worked on. `tell`
    gets the temperature once work waits, or None where there is no sensor and it never will.
    """
    waited = False
    blind = thermometer() is None
    if blind:
        tell(None)
    for item in items:
        now = None if blind else thermometer()
        if now is not None and now > limit:
            if not waited:
                tell(now)
            waited = True
            while now is not None and now > limit - RELIEF:
                sleep(PAUSE_SECONDS)
                now = thermometer()
        yield item
