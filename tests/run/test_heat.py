"""Work waits while the processor is hot, with a thermometer that says what the test wants."""

from itertools import pairwise
from types import SimpleNamespace

import psutil
import pytest

from facegap.report.text.on_the_way import heat_text
from facegap.run.heat import RELIEF, cooled, processor_temperature


def run(temperatures: list[float | None], limit: float = 72) -> tuple[list[str], list[str]]:
    """Return what happened, in order, to three items, and what was said."""
    readings, events, said = iter(temperatures), [], []
    items = cooled(
        "abc",
        limit,
        tell=lambda now: said.append(heat_text(now, limit)),
        thermometer=lambda: next(readings),
        sleep=lambda _: events.append("wait"),
    )
    for item in items:
        events.append(item)
    return events, said


def test_a_cool_processor_never_waits():
    assert run([60, 60, 72, 50]) == (["a", "b", "c"], [])


def test_a_hot_one_waits_until_it_is_well_below_the_limit():
    events, said = run([60, 60, 80, 71, 69, 68, 73, 60])
    assert events == ["a", "wait", "wait", "wait", "b", "wait", "c"]
    assert said == ["the processor is at 80 °C: work waits above 72 °C, until 68 °C"]


def test_a_sensor_that_falls_silent_ends_the_wait():
    events, _ = run([60, 90, None, 60, 60])
    assert sorted(events) == ["a", "b", "c", "wait"]


def test_without_a_sensor_one_line_says_so():
    events, said = run([None])
    assert events == ["a", "b", "c"]
    assert said == ["this system shows no processor temperature, so work never waits for 72 °C"]


def test_between_going_on_and_waiting_again_lie_some_degrees():
    """A processor that heats by a degree an item and cools by one a second must not wait before every item."""
    now, waits = [70.0], []

    def cool(_: float) -> None:
        now[0] -= 1
        waits.append(now[0])

    for _ in cooled(range(40), 72, tell=lambda _: None, thermometer=lambda: now[0], sleep=cool):
        now[0] += 1
    bouts = 1 + sum(b > a for a, b in pairwise(waits))
    assert bouts <= 40 / RELIEF
    assert min(waits) == 72 - RELIEF


@pytest.mark.parametrize(
    ("chips", "expected"),
    [
        ({}, None),
        ({"nvme": [90.0]}, None),
        ({"nvme": [90.0], "coretemp": [50.0, 61.0]}, 61.0),
        ({"k10temp": [55.0]}, 55.0),
    ],
)
def test_the_hottest_sensor_of_the_processor_counts(monkeypatch, chips, expected):
    found = {chip: [SimpleNamespace(current=value) for value in values] for chip, values in chips.items()}
    monkeypatch.setattr(psutil, "sensors_temperatures", lambda: found, raising=False)
    assert processor_temperature() == expected


def test_a_system_without_sensors_has_no_temperature(monkeypatch):
    monkeypatch.delattr(psutil, "sensors_temperatures", raising=False)
    assert processor_temperature() is None
