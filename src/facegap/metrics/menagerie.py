"""Who causes the errors, and what is left without them.

Doddington et al. (ICSLP 1998) named the unlike subjects of a biometric system: goats are often rejected as themselves,
lambs are easily taken for others, wolves easily pass for others. Here every image is compared with every other and
both orders give the same score, so a false match has no victim and no culprit: lambs and wolves are one. Yager &
Dunstone (PAMI 32, 2010) added animals that need no threshold, from how the mean genuine and the mean impostor score of
a subject compare with those of the others; see `subject_rows`.
"""

from collections.abc import Sequence

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.tally import MOMENT_UNIT
from facegap.metrics.influence import SubjectRates

REMOVED = (0, 1, 2, 5, 10, 20)
"""How many subjects are taken out, as long as at least four times as many stay."""

QUARTER = 0.25
"""Yager & Dunstone's share of the subjects whose mean score counts as high, or as low."""

KINDS = {
    (True, False): "dove",
    (False, True): "worm",
    (True, True): "chameleon",
    (False, False): "phantom",
}
"""Yager & Dunstone's animals by whether the mean genuine and the mean impostor score are high (else low)."""


def subject_rows(
    rates: SubjectRates,
    names: Sequence[str],
    cohort_of: Sequence[str],
    images: Sequence[int],
    *,
    model: str,
    at: str,
    threshold: float,
    similarity: float,
    most: int = 50,
) -> list[dict]:
    """Return the rows of `Evaluation.subjects` at one threshold: who has the largest shares of the errors.

    `rates`: all comparisons, pooled. `names`, `cohort_of` and `images` (the number of them) go by subject code.
    `threshold`: native; `similarity`: its evaluated threshold. The `most` subjects with the most false matches and
    those with the most false non-matches are listed, if they have any, most false matches first.

    A false match belongs to two subjects and counts half for each, so `false_match_share` adds up to 1 over all
    subjects. `auc_loss_share` is how much of what the AUC lacks to 1 would be gone without the subject.
    `genuine_mean` and `impostor_mean` are scores in the native unit. `kind` is, of a subject whose means both
    belong to the closest or the least close quarter of all subjects: "dove" (alike to itself, unlike others),
    "worm" (unlike itself, alike to others: the worst), "chameleon" (alike to both), "phantom" (unlike both), else
    "".
    """
    counts = rates.counts
    (genuine, _), (true, false) = rates.totals, rates.accepted(similarity)
    missed = genuine - true
    order = _ranked(false, missed)
    listed = np.union1d(order[:most], _ranked(missed, false)[:most])
    shown = order[np.isin(order, listed) & ((false + missed)[order] > 0)]
    (made_genuine, made_impostor), (made_true, made_false) = rates.made.totals, rates.made.accepted(similarity)
    means = _means(rates)
    kinds = _kinds(means)
    loss = _area_lost(rates)
    sign = rates.rates.counts.comparator.sign
    rows = []
    for i in shown.tolist():
        code = int(counts.subject[i])
        rows.append(
            {
                "model": model,
                "at": at,
                "threshold": threshold,
                "subject": names[code],
                "cohort": cohort_of[code],
                "images": int(images[code]),
                "false_matches": int(made_false[i]),
                "impostor": int(made_impostor[i]),
                "false_match_share": _share(float(false[i]), float(false.sum())),
                "false_non_matches": int(made_genuine[i] - made_true[i]),
                "genuine": int(made_genuine[i]),
                "false_non_match_share": _share(float(missed[i]), float(missed.sum())),
                "auc_loss_share": _number(float(loss[i])),
                "genuine_mean": _number(sign * means[0, i]),
                "impostor_mean": _number(sign * means[1, i]),
                "kind": kinds[i],
            }
        )
    return rows


def _ranked(errors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the places of the subjects, most errors first; of equals the one with more of the others."""
    return np.lexsort((-others, -errors))


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _area_lost(rates: SubjectRates) -> np.ndarray:
    """Return (n,) each subject's share of what the AUC lacks to 1; NaN where it lacks nothing."""
    auc, lost = rates.auc(), np.full(len(rates.counts.subject), np.nan)
    if auc.value < 1:
        at = np.searchsorted(rates.counts.subject, auc.subject)
        lost[at] = (auc.left_out - auc.value) / (1 - auc.value)
    return lost


def _means(rates: SubjectRates) -> np.ndarray:
    """Return (2, n) mean similarity of each subject's genuine and impostor comparisons; NaN without any."""
    made = np.stack([rates.counts.genuine.sum(axis=1), rates.counts.impostor.sum(axis=1)])
    sums = rates.counts.moments[:, :, 0].T / MOMENT_UNIT
    return np.divide(sums, made, out=np.full(made.shape, np.nan), where=made > 0)


def _kinds(means: np.ndarray) -> list[str]:
    """Return each subject's animal, see `subject_rows`; subjects without a mean have none and set no quarter."""
    known = ~np.isnan(means).any(axis=0)
    if not known.any():
        return [""] * means.shape[1]
    low, high = (np.quantile(means[:, known], share, axis=1)[:, None] for share in (QUARTER, 1 - QUARTER))
    closest, farthest = (means > high).T, (means < low).T
    extreme = np.all(closest | farthest, axis=1)
    return [KINDS[bool(g), bool(i)] if one else "" for (g, i), one in zip(closest, extreme.tolist(), strict=True)]


def without_rows(
    rates: SubjectRates,
    vectors: np.ndarray,
    subject: np.ndarray,
    ok: np.ndarray,
    names: Sequence[str],
    *,
    model: str,
    at: str,
    threshold: float,
    similarity: float,
) -> list[dict]:
    """Return the rows of `Evaluation.without`: FMR at one threshold without the subjects with the most false matches.

    `rates`: all comparisons of a study in which every image is compared with every other, pooled. `vectors` (N, D)
    float32, `subject` (N,) codes, and `ok` (N,) bool are what they were made from; `names` go by subject code. The k
    subjects with the most false matches are taken out together, for every k of `REMOVED` that is at most a fifth of
    the subjects and at most the number of those who have any. A false match between two of the removed is
    subtracted once, so the rates are as exact as the counts by subject.
    """
    comparator = rates.rates.counts.comparator
    (genuine, impostor), (true, false) = rates.totals, rates.accepted(similarity)
    order = _ranked(false, genuine - true)
    most = min(len(order) // 5, int((false > 0).sum()))
    codes = rates.counts.subject[order]
    counted = np.ones_like(ok) if rates.rejected else ok
    left = np.array([false.sum() / 2, impostor.sum() / 2])
    rows = []
    for k in range(min(most, max(REMOVED)) + 1):
        if k in REMOVED:
            matches, made = (int(n) for n in left)
            rows.append(
                {
                    "model": model,
                    "at": at,
                    "threshold": threshold,
                    "removed": k,
                    "subjects": [names[code] for code in codes[:k]],
                    "fmr": _share(matches, made),
                    "false_matches": matches,
                    "impostor": made,
                }
            )
        if k < most:
            earlier, mine = np.isin(subject, codes[:k]), subject == codes[k]
            left -= [false[order[k]], impostor[order[k]]]
            left += [
                _matches(vectors[mine & ok], vectors[earlier & ok], comparator, similarity),
                (mine & counted).sum() * (earlier & counted).sum(),
            ]
    return rows


def _matches(a: np.ndarray, b: np.ndarray, comparator: Comparator, similarity: float) -> int:
    """Return how many vectors of `a` and `b` are at least as close as `similarity`, one row of `a` at a time."""
    cut = np.float32(similarity)
    return sum(int((comparator.similarity(one[None], b) >= cut).sum()) for one in a)
