"""Pairs of cohorts that share subjects, such as id photos and selfies: their comparisons are a population by name."""

import numpy as np

LEAST_SHARED = 3
"""Subjects that two cohorts must share: of fewer there is no interval (`stats.estimate.FEWEST_SUBJECTS`)."""

MOST_PAIRS = 10
"""Pairs of cohorts that get numbers of their own, those that share most subjects: each costs memory and claims."""

Ends = tuple[str, str]
"""The two cohorts whose images are compared with each other."""


def between_name(probe: str, gallery: str) -> str:
    """Return what the comparisons of two cohorts are called, or those within one: `id/selfie`, `id`."""
    return probe if probe == gallery else f"{probe}/{gallery}"


def sharing(subject: np.ndarray, cohort: np.ndarray, cohorts: tuple[str, ...]) -> dict[str, Ends]:
    """Return the pairs of cohorts with at least `LEAST_SHARED` subjects in both, by name and in report order.

    `subject`, `cohort`: (N,) codes of the images. Of more than `MOST_PAIRS` those that share most subjects are kept. A
    pair whose name is a cohort's is left out.
    """
    who, where = np.divmod(np.unique(subject.astype(np.int64) * len(cohorts) + cohort), max(len(cohorts), 1))
    found, apart = [np.empty(0, np.int64)], 1
    while (same := who[apart:] == who[:-apart]).any():
        found.append(where[:-apart][same] * len(cohorts) + where[apart:][same])
        apart += 1
    pairs, shared = np.unique(np.concatenate(found), return_counts=True)
    pairs, shared = pairs[shared >= LEAST_SHARED], shared[shared >= LEAST_SHARED]
    kept = np.sort(pairs[np.argsort(-shared, kind="stable")[:MOST_PAIRS]]).tolist()
    ends = [(cohorts[pair // len(cohorts)], cohorts[pair % len(cohorts)]) for pair in kept]
    return {between_name(*one): one for one in ends if between_name(*one) not in cohorts}
