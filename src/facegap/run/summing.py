"""Results that add up: what workers can add among themselves need not pass, one by one, the process that asked."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar, runtime_checkable

from facegap.run.executor import Executor, Item

Sum = TypeVar("Sum")
"""Adds up with `+`; the order of what is added is kept, and how it is grouped does not matter."""


@runtime_checkable
class Adding(Protocol):
    """An executor whose workers add results up."""

    def sums(
        self, make_worker: Callable[[], Callable[[Item], Sum]], items: Iterable[Item]
    ) -> Iterator[tuple[int, Sum]]:
        """See `sums`."""
        ...


def sums(
    executor: Executor, make_worker: Callable[[], Callable[[Item], Sum]], items: Iterable[Item]
) -> Iterator[tuple[int, Any]]:
    """Yield sums of the results of consecutive items, in order, each with the number of its items.

    They are of one item each, unless the executor can do better. Its promises are those of `Executor.map`.
    """
    if isinstance(executor, Adding):
        yield from executor.sums(make_worker, items)
    else:
        for result in executor.map(make_worker, items):
            yield 1, result
