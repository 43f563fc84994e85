"""Runs in pyeer's environment: FMR and FNMR at every score, EER, operating points and AUC, of scores in a file."""

import json
import sys
import time
from dataclasses import asdict

import numpy as np
from pyeer.eer_info import get_eer_stats

from benchmarks.memory import peak_of
from benchmarks.peers.job import Cost


def job() -> Cost:
    started = time.perf_counter()
    data = np.load(sys.argv[1])
    stats = get_eer_stats(data["genuine"].tolist(), data["impostor"].tolist())
    return Cost(time.perf_counter() - started, 0.0, float(stats.auc))


cost, peak = peak_of(job)
print(json.dumps(asdict(cost) | {"peak": peak}))
