"""Makes a Parquet file of scores, or measures one, in a process of its own: `... make FILE N`, `facegap FILE`, ...

What is measured prints its seconds, the bytes that it held at most, and its AUC.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from benchmarks.memory import peak_of

PER_SUBJECT = 5
ROWS = 1 << 20


def images_for(scores: int) -> int:
    """Return how many images make about so many pairs."""
    return int((2 * scores) ** 0.5) + 1


def parts(scores: int) -> Iterator[pl.DataFrame]:
    """Yield every pair of enough images, with subjects and a score that depends on both images."""
    rng = np.random.default_rng(0)
    images = images_for(scores)
    names = pl.Series([f"photos/{i // PER_SUBJECT:05d}/{i:06d}.jpg" for i in range(images)])
    subjects = pl.Series([f"{i // PER_SUBJECT:05d}" for i in range(images)])
    alike = rng.normal(scale=0.3, size=images)
    pending: list[np.ndarray] = []
    for first in range(images - 1):
        pending.append(np.stack([np.full(images - 1 - first, first), np.arange(first + 1, images)]))
        if sum(pairs.shape[1] for pairs in pending) >= ROWS or first == images - 2:
            a, b = np.concatenate(pending, axis=1)
            pending = []
            same = a // PER_SUBJECT == b // PER_SUBJECT
            score = (rng.normal(size=len(a)) + alike[a] + alike[b] + 4 * same).astype(np.float32)
            sides = {"path_a": names.gather(a), "path_b": names.gather(b)}
            who = {"subject_a": subjects.gather(a), "subject_b": subjects.gather(b)}
            yield pl.DataFrame({**sides, "score": score, **who})


def make(path: Path, scores: int) -> None:
    """Write the first `scores` pairs as one Parquet file."""
    with TemporaryDirectory(dir=path.parent) as folder:
        for k, part in enumerate(parts(scores)):
            part.write_parquet(Path(folder, f"{k:06d}.parquet"))
        pl.scan_parquet(Path(folder, "*.parquet")).head(scores).sink_parquet(path, row_group_size=ROWS)


def with_facegap(path: Path) -> float:
    """Return the AUC of an evaluation with all rates and intervals on subjects."""
    import facegap

    evaluation = facegap.evaluate(facegap.Study([path], direction=facegap.Comparator.SIMILARITY))
    return evaluation.value("auc", model="given scores", cohort=path.stem) or float("nan")


def scores_of(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return all scores, and whether each is genuine."""
    frame = pl.scan_parquet(path).select("score", same=pl.col("subject_a") == pl.col("subject_b")).collect()
    return frame["score"].to_numpy(), frame["same"].to_numpy()


def with_scikit_learn(path: Path) -> float:
    """Return the AUC, after the ROC curve; no intervals."""
    from sklearn.metrics import roc_auc_score, roc_curve

    score, same = scores_of(path)
    roc_curve(same, score)
    return float(roc_auc_score(same, score))


def main() -> None:
    """Do what is asked."""
    what, path = sys.argv[1], Path(sys.argv[2])
    if what == "make":
        make(path, int(sys.argv[3]))
        return
    if what == "split":
        score, same = scores_of(path)
        np.savez(path.with_suffix(".npz"), genuine=score[same], impostor=score[~same])
        return
    run = {"facegap": with_facegap, "scikit-learn": with_scikit_learn}[what]
    started = time.perf_counter()
    area, peak = peak_of(lambda: run(path))
    print(json.dumps({"once": time.perf_counter() - started, "each": 0.0, "area": area, "peak": peak}))


if __name__ == "__main__":
    main()
