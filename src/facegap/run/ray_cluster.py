"""Finding Ray and a cluster of it. Ray is an extra, and imported only where somebody asks for it."""

import logging
import os
import platform
import re
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from facegap.errors import InputError
from facegap.run.remote import RemotePath, put_url, read_url, remove_url
from facegap.run.versions import version

CLUSTER = "RAY_ADDRESS"
"""The variable in which Ray tells programs that run on a cluster where that is."""


DRAFT, MARK = ".part", b"seen"
"""What the name of a file ends with that is no part of a store, and what such a file holds."""

NEW = "local"
"""What Ray calls one that is to be started here, even where somebody else's runs on this machine."""

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
    try:
        ray.init(address or NEW, log_to_driver=False, logging_level=logging.ERROR, **here)
    except Exception as error:  # of many kinds, some with the trace of another machine
        reason = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        if "ersion" in str(error) and "ismatch" in str(error):
            reason = " ".join(str(error).split())
            raise InputError(
                "the Ray cluster at {address} is of another version: {reason}", address=address, reason=reason
            ) from None
        if address is None:
            raise InputError("Ray cannot be started on this machine: {reason}", reason=reason) from None
        raise InputError(
            "the Ray cluster at {address} lets nobody in ({reason}): if it asks for a token, have it here too and "
            "set RAY_AUTH_MODE=token",
            address=address,
            reason=reason,
        ) from None
    return ray


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


def answers_of_all(ray: Any, question: Callable[[], Any]) -> list[tuple[str, Any]]:
    """Return the address of each machine that has workers, with what it answers; machines that die meanwhile are none.

    Raises:
        InputError: one lives and does not answer.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy  # pyright: ignore[reportMissingImports]

    def ask(node: dict[str, Any]) -> Any:
        there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        return ray.remote(num_cpus=0, max_retries=0)(question).options(scheduling_strategy=there).remote()

    asked = [(node, ask(node)) for node in living(ray)]
    found = []
    for node, answer in asked:
        place = node["NodeManagerAddress"]
        try:
            found.append((place, ray.get(answer)))
        except ray.exceptions.RayError as error:
            if any(other["NodeID"] == node["NodeID"] for other in living(ray)):
                raise InputError(
                    "the Ray machine {place} does not work ({kind}): mend it", place=place, kind=type(error).__name__
                ) from None
    return found


def living(ray: Any) -> list[dict[str, Any]]:
    """Return the machines that have workers, as Ray describes them."""
    return [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]


def seen_by_all(ray: Any, folder: Path | RemotePath) -> bool:
    """Return whether all machines see a folder under its path or URL, and can write to it; see `Seeing.sees`."""
    if isinstance(folder, RemotePath):
        return _reached_by_all(ray, str(folder))
    place, mark = str(folder.absolute()), uuid4().hex

    def seen() -> bool:  # sent as code
        import os

        return os.path.exists(os.path.join(place, mark)) and os.access(place, os.W_OK)  # noqa: PTH110, PTH118

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / mark).touch()
    except OSError:
        return False
    try:
        return all(answer for _, answer in answers_of_all(ray, seen))
    finally:
        (folder / mark).unlink(missing_ok=True)


def _reached_by_all(ray: Any, url: str) -> bool:
    """Return whether all machines can write below a URL, and this one finds what they wrote."""

    def wrote() -> str:
        made = f"{url}/{uuid4().hex}{DRAFT}"
        try:
            put_url(made, MARK)
        except OSError:
            return ""
        return made

    made = [answer for _, answer in answers_of_all(ray, wrote)]
    try:
        return all(each and read_url(each, most=len(MARK)) == MARK for each in made)
    except OSError:
        return False
    finally:
        with suppress(OSError):
            for each in filter(None, made):
                remove_url(each)


def check_versions(ray: Any, *packages: str) -> None:
    """Refuse a cluster that has a machine with another Python, facegap or one of some packages than this process.

    Raises:
        InputError: it has.
    """

    wanted = ("facegap", *packages)

    def found() -> list[str]:  # sent as code, for facegap may be absent there
        import platform
        from importlib import metadata

        versions = [platform.python_version()]
        for name in wanted:
            try:
                versions.append(metadata.version(name))
            except metadata.PackageNotFoundError:
                versions.append("absent")
        return versions

    mine = [platform.python_version(), *map(version, wanted)]
    for place, theirs in answers_of_all(ray, found):
        for what, own, other in zip(("Python", *wanted), mine, theirs, strict=True):
            if own != other:
                raise InputError(
                    "{what} is {other} on the Ray machine {place}, and {own} here: install the same",
                    what=what,
                    other=other,
                    place=place,
                    own=own,
                )
