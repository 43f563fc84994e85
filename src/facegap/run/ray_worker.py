"""The process of a worker on Ray. This file alone imports Ray at its head, and is imported once there is one."""

import operator
import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import reduce
from typing import Any

import ray  # pyright: ignore[reportMissingImports]

from facegap.errors import FacegapError, InputError, Phrase

CONTROL = "control"
"""What is asked of a worker in this group need not wait for what is in work."""

_set_up: dict[Any, Callable[[Any], Any]] = {}
"""What the last `sum_of` of this process was set up with, and the function that came of it."""


def sum_of(made_by: list[Any], items: list[Any]) -> tuple[Any, tuple[Exception | None, float]]:
    """Return the sum of what is made of some items, and the exception, if there was one, with the seconds it took.

    `made_by`: as in `Worker.do`. To set up is not counted.
    """
    from threadpoolctl import threadpool_limits

    try:
        if made_by[0] not in _set_up:
            _set_up.clear()  # what the last work held need not stay beside
            _set_up[made_by[0]] = _made(made_by[0])
            threadpool_limits(1)
        begun = time.monotonic()
        total = reduce(operator.add, map(_set_up[made_by[0]], items))
        return total, (None, time.monotonic() - begun)
    except Exception as error:
        return None, (error, 0.0)


def _made(made_by: Any) -> Callable[[Any], Any]:
    """Return what works on an item, as a reference says.

    Raises:
        FacegapError: it cannot be set up here, for a package or a file is missing; it says where.
    """
    try:
        make_worker: Any = ray.get(made_by)
        return make_worker()
    except ImportError as error:
        raise InputError(
            "the Ray machine {place} lacks the package {package}, which this needs: install there what is installed "
            "here",
            place=ray.util.get_node_ip_address(),
            package=error.name or str(error),
        ) from None
    except FacegapError as error:
        place = ray.util.get_node_ip_address()
        raise type(error)(Phrase("on the Ray machine {place}: {error}", place=place, error=error)) from None


def add(one: Any, other: Any) -> Any:
    """Return the sum of two results, None where one of them was not made."""
    return None if one is None or other is None else one + other


class Worker:
    """Lives in a process of Ray's. It may be begun anew, elsewhere, at any time: all it needs comes with every item."""

    def __init__(self, folder: str) -> None:
        with suppress(OSError):
            os.chdir(folder)  # paths may be relative
        self._set_up_by: Any = None
        self._stopped: Any = None
        self._work: Any = None

    def do(self, made_by: list[Any], item: Any) -> tuple[Any, Exception | None]:
        """Return what is made of an item, or the exception; `made_by`: a reference to what sets a worker up.

        The reference is in a list, for Ray would fetch what it leads to with every item.
        """
        from threadpoolctl import threadpool_limits

        if self._stopped == made_by[0]:
            return None, None
        try:
            if self._set_up_by != made_by[0]:
                self._work = self._set_up_by = None  # what the last work held need not stay beside
                self._work = _made(made_by[0])
                self._set_up_by = made_by[0]
                threadpool_limits(1)
            return self._work(item), None
        except Exception as error:
            return None, error

    @ray.method(concurrency_group=CONTROL)
    def stop(self, made_by: list[Any]) -> None:
        """Begin nothing more of what is set up so; called while `do` is in work, see `CONTROL`."""
        self._stopped = made_by[0]

    @ray.method(concurrency_group=CONTROL)
    def answer(self) -> None:
        """Show that it lives; called while `do` is in work."""
