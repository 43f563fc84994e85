"""The tables of an `Explanation`, from the embeddings of a study and what was measured of its images."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from facegap.data.explanation import Explanation
from facegap.data.manifest import POOLED, Manifest
from facegap.data.source import Pairs
from facegap.measures import NORM, Measure
from facegap.metrics.asked import ThresholdFrom, ask
from facegap.metrics.explaining.columns import Columns
from facegap.metrics.explaining.decomposition import Decomposition, Gap, Part, decompose
from facegap.metrics.explaining.drawing import scores_within
from facegap.metrics.explaining.numbers import FALSE_MATCH_RATES, Number
from facegap.metrics.explaining.refusing import discard_rows
from facegap.metrics.explaining.two import Two, Unweighted
from facegap.metrics.rates import RESOLVABLE
from facegap.metrics.scored import Scored

QUANTILES = {"p01": 0.01, "p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99}

Tell = Callable[[int, int], None]
"""Takes how many steps are done, and of how many."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of N images: `values` (N, len(measures)) in their own units, NaN where an image has none."""

    measures: Sequence[Measure]
    values: np.ndarray

    def and_norm(self, vectors: np.ndarray) -> "Measured":
        """Return it with the lengths of the embeddings (N, D)."""
        norm = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
        return Measured([*self.measures, NORM], np.column_stack([self.values, norm]))


def explain(
    scored: Sequence[Scored],
    manifest: Manifest,
    measured: Measured,
    *,
    pairs: Pairs | None = None,
    threshold_from: Sequence[ThresholdFrom] = (),
    level: float = 0.95,
    rng: np.random.Generator | None = None,
    tell: Tell = lambda done, total: None,
) -> Explanation:
    """Describe cohorts by what was measured of their images, and take the gaps between them apart.

    Each cohort is compared with the first one that has images. `scored`: with embeddings, each over its own images.
    `pairs`: the only comparisons that are made, where they are listed. `rng` draws impostor comparisons where there are
    many, see `drawing.MOST`; `level`: of the intervals.
    """
    tables: dict[str, list[dict]] = {"measures": [], "balance": [], "gaps": [], "discards": []}
    everyone = np.ones(len(manifest), bool)
    tables["measures"] += _described("", manifest, everyone, measured)
    draws = (rng or np.random.default_rng(0)).spawn(len(scored))
    models = [_Model.of(one, manifest, measured, pairs, draw) for one, draw in zip(scored, draws, strict=True)]
    total = sum(one.steps for one in models)
    done = iter(range(1, 1 + total))
    for one, asked in zip(models, scored, strict=True):
        tables["measures"] += _described(one.name, manifest, one.rows, Measured([NORM], one.measured.values[:, -1:]))
        numbers = _numbers(asked, threshold_from)
        for cohort in one.cohorts[1:]:
            gaps, balance = one.against_first(cohort, numbers, level, lambda: tell(next(done), total))
            tables["gaps"] += gaps
            tables["balance"] += balance
        at = next((number for number in numbers if number.metric == "fnmr"), None)
        for cohort in one.cohorts if at is not None else ():
            assert at is not None
            tables["discards"] += discard_rows(
                {"model": one.name, "cohort": manifest.cohorts[cohort]}, one.scores[cohort], at, one.measured.measures,
                one.measured.values, one.side(cohort), manifest.subject_codes, level,
            )  # fmt: skip
    return Explanation.of(tables)


@dataclass(frozen=True, eq=False)
class _Model:
    name: str
    manifest: Manifest
    rows: np.ndarray
    measured: Measured
    scores: dict

    @classmethod
    def of(
        cls, one: Scored, manifest: Manifest, measured: Measured, pairs: Pairs | None, rng: np.random.Generator
    ) -> "_Model":
        vectors, rows = one.embeddings.vectors, one.rows
        found = {}
        for cohort in range(len(manifest.cohorts)):
            side = rows & (manifest.cohort_codes == cohort)
            if side.any():
                found[cohort] = scores_within(vectors, side, manifest.subject_codes, one.spec.comparator, pairs, rng)
        return cls(one.spec.name, manifest, rows, measured.and_norm(vectors), found)

    @property
    def cohorts(self) -> list[int]:
        return list(self.scores)

    @property
    def steps(self) -> int:
        return max(len(self.scores) - 1, 0) * (len(self.measured.measures) + 1)

    def side(self, cohort: int) -> np.ndarray:
        """Return (N,) bool: the images of a cohort that have an embedding."""
        return self.rows & (self.manifest.cohort_codes == cohort)

    def against_first(
        self, cohort: int, numbers: Sequence[Number], level: float, step: Callable[[], None]
    ) -> tuple[list[dict], list[dict]]:
        """Return rows of `gaps`, all measures together and then each alone, and of `balance`."""
        first = self.cohorts[0]
        names = [self.manifest.cohorts[code] for code in (cohort, first)]
        key = {"model": self.name, "cohort": names[0], "reference": names[1]}
        columns = Columns.of(self.measured.measures, self.measured.values)
        sides = self.side(cohort), self.side(first)
        unusable = columns.unusable(sides)
        usable = columns.chosen([one.name for one in columns.measures if one.name not in unusable])
        complete = usable.complete()
        two = Two.of(
            (self.scores[cohort], self.scores[first]), self.manifest.subject_codes,
            (sides[0] & complete, sides[1] & complete),
        )  # fmt: skip
        found = Unweighted(two, _resolved(numbers, two))
        alone: dict[str, Decomposition] = {}
        for one in usable.measures:
            alone[one.name] = decompose(found, usable.chosen([one.name]), level)
            step()
        unusable |= {name: made.reason for name, made in alone.items() if made.reason is not None}
        told = [name for name in alone if name not in unusable]
        # The length of an embedding is the network's answer to the person too: no difference of the pictures alone.
        together = decompose(found, usable.chosen([name for name in told if name != NORM.name]), level)
        step()
        drawn = {
            "images": sum(int(side.sum()) for side in two.images),
            "impostor": len(two.cohort.impostor.a) + len(two.reference.impostor.a),
            "impostor_of": two.cohort.n_impostor + two.reference.n_impostor,
        }
        in_order = (together, *(alone[name] for name in told))
        gaps = [{**key, **drawn, **_gap_row(gap, made)} for made in in_order for gap in made.gaps]
        before = {at: value for made in alone.values() for at, value in made.before.items()}
        return gaps, [
            {
                **key,
                "measure": one.name,
                "before": before.get((one.name, False)),
                "after": together.after.get((one.name, False)),
                "before_spread": before.get((one.name, True)),
                "after_spread": together.after.get((one.name, True)),
                "reason": unusable.get(one.name, ""),
            }
            for one in columns.measures
        ]


def _numbers(one: Scored, threshold_from: Sequence[ThresholdFrom]) -> list[Number]:
    """Return the numbers that are taken apart, of those that an evaluation has."""
    asked, _ = ask(one.tally, model=one.spec.name, shipped=one.spec.threshold, threshold_from=threshold_from)
    at_thresholds = [
        Number(metric, at, threshold, float(one.spec.comparator.cut(threshold)))
        for at, threshold in asked.named.items()
        for metric in ("fnmr", "fmr")
    ]
    return [Number("auc"), *at_thresholds, *(Number("tar", f"fmr={rate:g}", rate=rate) for rate in FALSE_MATCH_RATES)]


def _resolved(numbers: Sequence[Number], two: Two) -> list[Number]:
    """Return the numbers without TAR at rates for which a cohort has too few impostor comparisons."""
    fewest = min(len(two.cohort.impostor.a), len(two.reference.impostor.a))
    return [one for one in numbers if one.metric != "tar" or one.rate * fewest >= RESOLVABLE]


def _described(model: str, manifest: Manifest, rows: np.ndarray, measured: Measured) -> Iterator[dict]:
    """Yield a row for each measure and cohort."""
    sides = {cohort: rows & (manifest.cohort_codes == code) for code, cohort in enumerate(manifest.cohorts)}
    for cohort, side in {**sides, **({POOLED: rows} if len(sides) > 1 else {})}.items():
        for one, column in zip(measured.measures, measured.values.T, strict=True):
            known = column[side][np.isfinite(column[side])]
            row = {"model": model, "cohort": cohort, "measure": one.name, "unit": one.unit, "images": int(side.sum())}
            row["missing"] = row["images"] - len(known)
            if len(known):
                ends = np.quantile(known, list(QUANTILES.values())).tolist()
                row |= {
                    "mean": float(known.mean()),
                    "sd": float(known.std()),
                    **dict(zip(QUANTILES, ends, strict=True)),
                }
            yield row


def _gap_row(gap: Gap, made: Decomposition) -> dict:
    reason = gap.reason or ""
    known = {} if gap.reason else {"subjects": made.subjects, "matched_share": made.matched_share}
    return {
        "metric": gap.number.metric,
        "at": gap.number.at,
        "threshold": gap.number.threshold,
        "measures": list(gap.measures),
        **_finite({"value": gap.value, "reference_value": gap.reference}),
        **_ends("total", gap.total),
        **_ends("with_measures", gap.with_measures),
        **_ends("rest", gap.rest),
        **_finite({"standardised": gap.standardised, "matched": gap.matched, **known}),
        "reason": str(reason),
    }


def _ends(name: str, part: Part) -> dict[str, float | None]:
    return _finite({name: part.value, f"{name}_low": part.low, f"{name}_high": part.high})


def _finite(numbers: dict[str, float]) -> dict[str, float | None]:
    """Return numbers with null for those that are not known."""
    return {name: number if isfinite(number) else None for name, number in numbers.items()}
