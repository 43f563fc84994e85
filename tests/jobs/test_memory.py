"""`--memory` bounds what embeddings take, and changes no number."""

import json
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

import facegap
from facegap.data.comparator import Comparator
from facegap.synthetic import write_population
from jobs import held_memory


def model(dimension: int, function: Callable[[np.ndarray], np.ndarray] | None = None) -> facegap.Model:
    spec = facegap.ModelSpec("m", "python", "m", "whole", 32, dimension, Comparator.COSINE)
    return facegap.Model(embed=function or (lambda crops: crops), spec=spec)


def colours(crops: np.ndarray) -> np.ndarray:
    return crops.mean(axis=2).reshape(len(crops), -1).astype(np.float32)


def test_an_evaluation_is_the_same_bytes_however_little_memory_is_allowed(tmp_path):
    write_population(tmp_path / "people", subjects=4, images=3, spread=0.8, seed=1, size=64)
    first = min((tmp_path / "people").rglob("*.jpg"))
    first.with_name("again.jpg").write_bytes(first.read_bytes())
    first.with_name("text.jpg").write_bytes(b"no picture")
    made = []
    for store, memory in (("much", None), ("none", 0), ("none", 0)):  # made, and out of the store
        study = facegap.Study(
            inputs=[tmp_path / "people"], models=[model(96, colours)], store=tmp_path / store, memory=memory
        )
        facegap.evaluate(study).timed(0.0).to_parquet(tmp_path / "e.parquet")
        made.append((tmp_path / "e.parquet").read_bytes())
        assert len(list((tmp_path / store).glob("sums-v2/*"))) == 0
    assert made[0] == made[1] == made[2]
    assert (tmp_path / "none" / "sums-v2").is_dir()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory is not that of mapped files")
def test_no_step_holds_all_embeddings_where_memory_is_short(tmp_path):
    """In a process of its own: another's free memory would be used again, and not be seen."""
    done = subprocess.run([sys.executable, held_memory.__file__, tmp_path], capture_output=True, text=True, check=True)
    most, every = json.loads(done.stdout), held_memory.ALL
    assert most["much"] > 1.5 * every
    assert most["short"] < most["much"] - 1.5 * every
