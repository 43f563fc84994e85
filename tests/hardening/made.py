"""What the commands of these tests are given."""

from pathlib import Path

import numpy as np

from facegap.data.evaluation import Evaluation
from jobs.check.made import evaluation, metric


def album(path: Path, *, people: int = 12, seed: int = 0) -> Path:
    """Write embeddings of some people, four images each."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), 4)
    vectors = rng.normal(size=(people, 32))[person] + 1.4 * rng.normal(size=(len(person), 32))
    paths = [f"{row}.jpg" for row in range(len(person))]
    np.savez(path, embedding=vectors.astype(np.float32), subject=[f"p{s}" for s in person], path=paths)
    return path


def small_report(folder: Path, *, auc: float = 0.95) -> Evaluation:
    """Write the numbers of a report, without its page and charts."""
    made = evaluation([metric("auc", auc, auc - 0.05, auc + 0.03)])
    folder.mkdir(exist_ok=True)
    (folder / "evaluation.json").write_bytes(made.to_json())
    made.to_parquet(folder / "evaluation.parquet")
    return made
