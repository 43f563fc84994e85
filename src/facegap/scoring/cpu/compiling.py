"""How loops are compiled: by numba, and kept for the next run where a folder can be written."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numba
from numba.core import config

from facegap.run.cache import compiled_root

logger = logging.getLogger(__name__)

ROOT = compiled_root()
"""Where loops are kept, or None; looked for once, as all loops share it."""

logger.info("compiled loops are kept in %s", ROOT or "no folder: none can be written")


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that makes a function a loop of numba's, which lets other threads run.

    `options`: those of `numba.njit`. See `facegap.run.cache.compiled_root` for where the compiled loop is kept.
    """

    def compile_it(function: Callable[..., Any]) -> Any:
        if ROOT is not None:
            try:
                with _kept_in(ROOT):
                    return numba.njit(cache=True, nogil=True, **options)(function)
            except RuntimeError:  # numba found no folder that it can write, not even this one
                pass
        return numba.njit(nogil=True, **options)(function)

    return compile_it


@contextmanager
def _kept_in(root: Path) -> Iterator[None]:
    """Let numba keep in this folder what is declared meanwhile; other packages' functions stay where they are."""
    before = config.CACHE_DIR  # pyright: ignore[reportAttributeAccessIssue]
    config.CACHE_DIR = str(root)  # pyright: ignore[reportAttributeAccessIssue]
    try:
        yield
    finally:
        config.CACHE_DIR = before  # pyright: ignore[reportAttributeAccessIssue]
