"""Connecting to Ray, here or elsewhere. Ray is an extra, and imported only where somebody asks for it."""

import logging
import os
import re
import socket
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from facegap.errors import InputError

CLUSTER = "RAY_ADDRESS"
"""The variable in which Ray tells programs that run on a cluster where that is."""

NEW = "local"
"""What Ray calls one that is to be started here, even where somebody else's runs on this machine."""

TRIED = "Received when checking init: "
"""What Ray's client puts before the reason why a try failed."""

ASKS_FOR_TOKEN = re.compile("unauthenticated|authentication token", re.IGNORECASE)

ANSWER_SECONDS = 10.0
"""A cluster that does not answer for so long is none."""


def connected(address: str | None, workers: int) -> Any:
    """Return the module `ray`, connected: to what this process is connected to already, or to a cluster.

    Args:
        address: `ray://HOST:PORT`; None for the cluster that `RAY_ADDRESS` names, or a Ray to be started here.
        workers: processors of a Ray that is started here.

    Raises:
        InputError: Ray is not installed, or no cluster answers.
    """
    try:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # else it warns of its own future
        import ray  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise InputError("--executor ray needs Ray: pip install 'facegap[ray]'") from None
    if ray.is_initialized():
        return ray
    address = address or os.environ.get(CLUSTER)
    if address is not None:
        _check_answers(address)
    here = {} if address else {"num_cpus": workers, "include_dashboard": False}
    heard: list[str] = []
    try:
        with _client_heard(heard):
            ray.init(address or NEW, log_to_driver=False, logging_level=logging.ERROR, **here)
    except Exception as error:  # of many kinds, some with the trace of another machine
        with suppress(Exception):
            ray.shutdown()  # else a later connection of this process is taken for one by ray://
        reason = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        if "ersion" in str(error) and "ismatch" in str(error):
            reason = " ".join(str(error).split())
            raise InputError(
                "the Ray cluster at {address} is of another version: {reason}", address=address, reason=reason
            ) from None
        if address is None:
            raise InputError("Ray cannot be started on this machine: {reason}", reason=reason) from None
        refusal = _refusal([str(error), str(error.__cause__), *heard])
        if refusal is not None:
            raise InputError(
                "the Ray cluster at {address} lets nobody in without its token ({reason}): have it here too and set "
                "RAY_AUTH_MODE=token",
                address=address,
                reason=refusal,
            ) from None
        raise InputError(
            "the port at {address} is open, but no Ray took this process up in time ({reason}): the cluster may be "
            "starting, or busy, so run the same command again; if that does not help, see the logs of its head",
            address=address,
            reason=reason,
        ) from None
    return ray


@contextmanager
def _client_heard(heard: list[str]) -> Iterator[None]:
    """Add to `heard` why tries of Ray's client fail: of all of them its error says that they took too long."""
    client, handler = logging.getLogger("ray.util.client.worker"), logging.Handler(logging.DEBUG)
    handler.emit = lambda record: heard.append(record.getMessage())
    level, hands_on = client.level, client.propagate
    client.addHandler(handler)
    client.setLevel(logging.DEBUG)
    client.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Ray Client connection timed out")  # our error says more
            yield
    finally:
        client.removeHandler(handler)
        client.setLevel(level)
        client.propagate = hands_on


def _refusal(said: Iterable[str]) -> str | None:
    """Return the line, of all that was said, by which a cluster asks for its token; None if it does not."""
    lines = (line.strip() for text in said for line in text.splitlines())
    return next((line.removeprefix(TRIED) for line in lines if ASKS_FOR_TOKEN.search(line)), None)


def _check_answers(address: str) -> None:
    """Refuse an address where nobody listens: Ray would try for minutes, and say much.

    Raises:
        InputError: nobody does.
    """
    place = re.fullmatch(r"(?:ray://)?\[?(?P<host>[^/]+?)\]?:(?P<port>\d+)", address)
    if place is None:  # a word that Ray knows, such as auto
        return
    try:
        socket.create_connection((place["host"], int(place["port"])), timeout=ANSWER_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise InputError(
            "no Ray cluster answers at {address} ({error}): start one, or give its address; ray:// wants the port of "
            "the Ray client, 10001 unless it was set",
            address=address,
            error=error,
        ) from None
