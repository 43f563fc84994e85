"""Whether the scoring kernels have yet to be compiled, so that a person who waits knows what for."""

from pathlib import Path

from facegap.scoring.cpu import kernel


def must_compile() -> bool:
    """Return whether numba's cache holds no scoring kernels as new as their source: the next comparison compiles."""
    source, folder = Path(kernel.__file__), kernel.count_block.stats.cache_path
    kept = Path(folder).glob(f"{source.stem}.{kernel.count_block.__name__}-*.nbi") if folder else ()
    return not any(index.stat().st_mtime >= source.stat().st_mtime for index in kept)
