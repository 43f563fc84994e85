"""Trying a stranger's file in a process of its own: it may crash there, hang or take all memory, and costs one line."""

import atexit
import hashlib
import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from concurrent.futures import Executor as Pool
from pathlib import Path
from typing import Any

from facegap.errors import FacegapError, Phrase
from facegap.run.cache import default_root
from facegap.run.files import whole_file
from facegap.run.versions import version

logger = logging.getLogger(__name__)

SECONDS = 120.0
"""So long a try may take; large networks take ten."""

IDLE_SECONDS = 10
"""The process waits so long for another file before it ends."""

_pools: list[Pool] = []
_turn = threading.Lock()


def tried(
    function: Callable[..., Any],
    *args: Any,
    content: str,
    package: str,
    room: int,
    error: type[FacegapError],
    name: str,
) -> Any:
    """Return what `function(*args)` makes of a file, found out in another process unless it is in the cache folder.

    Args:
        function: a function of a module that returns what JSON holds.
        args: picklable; those that matter go into `content`.
        content: the sha256 of the file, and whatever else decides the result.
        package: the installed package that reads the file; another version of it tries again.
        room: bytes of memory that the try may take besides what the process has, on Linux.
        error: what is raised where the process dies or takes more than `SECONDS`.
        name: the file, for the message.

    Raises:
        FacegapError: `error`, or what the function raised.
    """
    decides = json.dumps([function.__module__, function.__qualname__, content, package, version(package)])
    entry = default_root() / "tried" / f"{hashlib.sha256(decides.encode()).hexdigest()}.json"
    try:
        return json.loads(entry.read_bytes())
    except (OSError, ValueError):
        result = _apart(function, args, room, error, name)
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(entry) as file:
            file.write(json.dumps(result).encode())
    except OSError as failure:
        logger.info("the try is not kept, %s cannot be written (%s)", entry.parent, failure.strerror)
    return result


def _apart(function: Callable[..., Any], args: tuple[Any, ...], room: int, error: type[FacegapError], name: str) -> Any:
    with _turn:
        future = _pool().submit(_bounded, _here(), room, function, args)
        try:
            return future.result(timeout=SECONDS)
        except TimeoutError:
            said = Phrase(
                "{path} was tried in a process of its own and took more than {seconds:g} s: it is damaged or hostile, "
                "get it again from a source that you trust",
                path=name,
                seconds=SECONDS,
            )
        except BrokenExecutor:
            said = Phrase(
                "{path} was tried in a process of its own and ended it (a crash, or too much memory): it is damaged or "
                "hostile, get it again from a source that you trust",
                path=name,
            )
        except FacegapError:
            raise
        except MemoryError:
            said = Phrase(
                "{path} takes more memory than a file of its size may: it is damaged or hostile, get it again from a "
                "source that you trust",
                path=name,
            )
        except BaseException:
            _stop()
            raise
        _stop()
    raise error(said) from None


def _pool() -> Pool:
    """Return the one process that files are tried in."""
    if not _pools:
        import loky

        _pools.append(loky.ProcessPoolExecutor(1, timeout=IDLE_SECONDS, initializer=_set_up))
    return _pools[0]


@atexit.register
def _stop() -> None:
    while _pools:
        _pools.pop().shutdown(kill_workers=True)  # pyright: ignore[reportCallIssue]


def _set_up() -> None:
    """Keep what a dying library prints from the terminal, and leave no dump of its memory."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _here() -> str:
    """Return the working folder; "/" where it is gone."""
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return os.sep


def _bounded(folder: str, room: int, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    os.chdir(folder)  # the process may be older than the caller's change of folder, and paths may be relative
    if sys.platform == "linux":
        import resource

        import psutil

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (psutil.Process().memory_info().data + room, hard))
    return function(*args)
