"""The machines of a Ray cluster: what all of them must have and see."""

import platform
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from facegap.errors import InputError
from facegap.run.remote import RemotePath, put_url, read_url, remove_url
from facegap.run.versions import version

DRAFT, MARK = ".part", b"seen"
"""What the name of a file ends with that is no part of a store, and what such a file holds."""


def answers_of_all(ray: Any, question: Callable[[], Any], also: Iterable[dict[str, Any]] = ()) -> list[tuple[str, Any]]:
    """Return the address of each machine that has workers, with what it answers; machines that die meanwhile are none.

    `also`: machines that are asked besides, as Ray describes them.

    Raises:
        InputError: one lives and does not answer.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy  # pyright: ignore[reportMissingImports]

    def ask(node: dict[str, Any]) -> Any:
        there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        return ray.remote(num_cpus=0, max_retries=0)(question).options(scheduling_strategy=there).remote()

    asked = [(node, ask(node)) for node in (*living(ray), *also)]
    found = []
    for node, answer in asked:
        place = node["NodeManagerAddress"]
        try:
            found.append((place, ray.get(answer)))
        except ray.exceptions.RayError as error:
            if any(other["NodeID"] == node["NodeID"] for other in ray.nodes() if other["Alive"]):
                raise InputError(
                    "the Ray machine {place} does not work ({kind}): mend it", place=place, kind=type(error).__name__
                ) from None
    return found


def living(ray: Any) -> list[dict[str, Any]]:
    """Return the machines that have workers, as Ray describes them."""
    return [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]


def _head_from_afar(ray: Any) -> list[dict[str, Any]]:
    """Return the head, if it has no workers and this process is connected to it by `ray://`.

    It unpacks all that is handed out, and what is begun on the machine of this process begins there.
    """
    from ray.util.client import ray as client  # pyright: ignore[reportMissingImports]

    if not client.is_connected():
        return []
    here = ray.get_runtime_context().get_node_id()
    return [node for node in ray.nodes() if node["NodeID"] == here and not node["Resources"].get("CPU")]


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

    The head of `ray://` is one, even where no worker is.

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
    for place, theirs in answers_of_all(ray, found, _head_from_afar(ray)):
        for what, own, other in zip(("Python", *wanted), mine, theirs, strict=True):
            if own != other:
                raise InputError(
                    "{what} is {other} on the Ray machine {place}, and {own} here: install the same",
                    what=what,
                    other=other,
                    place=place,
                    own=own,
                )


def handed_over(ray: Any, make_worker: Callable[[], Any]) -> Any:
    """Return a reference to what sets workers up.

    Raises:
        InputError: the head of `ray://`, which unpacks it, lacks a package for that.
    """
    try:
        return ray.put(make_worker)
    except ImportError as error:
        raise InputError(
            "the head of the Ray cluster lacks the package {package}, which this needs: install there what is "
            "installed here",
            package=error.name or str(error),
        ) from None
