"""The folder that keeps what need not be made twice."""

import os
from pathlib import Path


def default_root() -> Path:
    """Return `$FACEGAP_STORE`, or the user's cache folder."""
    if chosen := os.environ.get("FACEGAP_STORE"):
        return Path(chosen)
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "facegap"
