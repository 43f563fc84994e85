"""Runs in cimat's environment: AUC, and FMR and FNMR at one threshold with their Wilson intervals."""

import time

import numpy as np
from cimat import UncertaintyEstimator

from benchmarks.peers.job import Cost, cosines, measure

THRESHOLD = 0.4


def job(vectors: np.ndarray, subject: np.ndarray) -> Cost:
    started = time.perf_counter()
    names, similarity = subject.tolist(), cosines(vectors).tolist()
    scores = {name: {} for name in names}
    for i, name in enumerate(names):
        for j, other in enumerate(names):
            if j > i or (j < i and other != name):  # it takes an impostor comparison once for each of its subjects
                scores[name].setdefault(other, []).append(similarity[i][j])
    estimator = UncertaintyEstimator(scores)
    area = float(estimator.compute_auc())
    fnmr, fmr = estimator.compute_variance(THRESHOLD)
    estimator.get_binerror_ci(var_fnr=fnmr, var_fpr=fmr)
    return Cost(time.perf_counter() - started, 0.0, area)


measure(job)
