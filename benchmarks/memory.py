"""How much memory this process holds, and held at most."""

import ctypes
import gc
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

STATUS = Path("/proc/self/status")
FORGET = Path("/proc/self/clear_refs")

Result = TypeVar("Result")


def peak_of(run: Callable[[], Result]) -> tuple[Result, int]:
    """Return what the function returns, and the most bytes that it held on top of what was held before."""
    before = begin()
    return run(), most_held() - before


def begin() -> int:
    """Return the bytes of memory held, after what is free was given back, and let `most_held` begin anew."""
    give_back()
    before = held()
    forget_most()
    return before


def held() -> int:
    """Return the bytes of memory held now; where the system does not tell, the most that was ever held."""
    return _read("VmRSS")


def held_apart_from_files() -> int:
    """Return the bytes of memory held now without the files that are mapped; elsewhere than on Linux with them."""
    return _read("RssAnon")


def most_held() -> int:
    """Return the most bytes held since `forget_most`; where the system cannot forget, since the start.

    On Linux this is not `ru_maxrss`, which in a new process begins with the most that its parent held.
    """
    return _read("VmHWM")


def forget_most() -> None:
    """Let `most_held` begin anew, where the system can."""
    with suppress(OSError):
        FORGET.write_text("5", encoding="ascii")


def give_back() -> None:
    """Return freed memory to the system, where it can be: else what is used next would be taken from it, unseen."""
    gc.collect()
    with suppress(OSError, TypeError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _read(field: str) -> int:
    with suppress(OSError):
        for line in STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
