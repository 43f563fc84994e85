"""Runs in evalify's environment: every pair, ROC and AUC, then all rates at some thresholds."""

import time

import numpy as np
from evalify import Experiment

from benchmarks.peers.job import Cost, measure

METRIC = "cosine_similarity"
THRESHOLDS = (0.3, 0.4, 0.5)


def job(vectors: np.ndarray, subject: np.ndarray) -> Cost:
    started = time.perf_counter()
    experiment = Experiment(METRIC, same_class_samples="full", different_class_samples=("full", "full"))
    experiment.run(vectors, subject)
    area = experiment.roc_auc()[METRIC]
    scored = time.perf_counter()
    for threshold in THRESHOLDS:
        experiment.evaluate_at_threshold(threshold, METRIC)
    done = time.perf_counter()
    return Cost(scored - started, (done - scored) / len(THRESHOLDS), area)


measure(job)
