"""Which versions of what is installed."""

from importlib import metadata

LIBRARIES = ("numpy", "numba", "pillow", "opencv-python-headless", "dlib-bin", "onnxruntime", "polars")
"""The packages on which numbers depend."""


def version(package: str) -> str:
    """Return the installed version of a package, or "absent"."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"
