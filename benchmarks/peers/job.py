"""What every peer's script shares; it runs in the peer's environment, where facegap is not."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.memory import peak_of


@dataclass(frozen=True)
class Cost:
    """What a peer took: seconds for the whole and for each threshold besides, and the most bytes held; and its AUC."""

    once: float
    each: float
    area: float
    peak: int = 0


def measure(job: Callable[[np.ndarray, np.ndarray], Cost]) -> None:
    """Do the job with the (N, D) embeddings and (N,) subjects of the file that the script is given; print its cost."""
    data = np.load(sys.argv[1])
    vectors, subject = data["vectors"], data["subject"]
    cost, peak = peak_of(lambda: job(vectors, subject))
    print(json.dumps(asdict(cost) | {"peak": peak}))


def cosines(vectors: np.ndarray) -> np.ndarray:
    """Return the (N, N) cosine similarity, for packages that start from scores."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit @ unit.T
