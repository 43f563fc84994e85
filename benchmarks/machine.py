"""The machine in words: what a reader needs to judge a number, and nothing that names it."""

import os
import platform
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

from facegap.run.executor import available_workers

PACKAGES = ("facegap", "numpy", "numba", "onnxruntime", "dlib-bin", "pillow", "scikit-learn")


def machine(packages: Sequence[str] = PACKAGES) -> list[tuple[str, str]]:
    """Return what it is made of, and which `packages` are installed, by name."""
    return [
        ("processor", f"{_processor()}, {available_workers()} cores used"),
        ("memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"),
        ("system", f"{platform.system()}, {platform.machine()}"),
        ("Python", platform.python_version()),
        ("numpy's matrix products", "; ".join(_kernels())),
        *((name, metadata.version(name)) for name in packages),
    ]


def _processor() -> str:
    """Return the model's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or "unknown processor"


def _kernels() -> Iterator[str]:
    """Yield the libraries behind numpy's products, and the processor family whose code each runs."""
    np.dot(np.ones(2), np.ones(2))  # loads them
    told = ", as OPENBLAS_CORETYPE asks" if os.environ.get("OPENBLAS_CORETYPE") else ""
    for found in threadpool_info():
        if found["user_api"] == "blas" and "numpy" in Path(found["filepath"]).parent.name.lower():
            yield f"{found['internal_api']} {found['version']}, kernel {found.get('architecture', 'unknown')}{told}"
