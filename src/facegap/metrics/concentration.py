"""How many subjects a number really stands on, and what one more like the worst of them would do to it."""

from collections.abc import Callable, Iterator, Mapping

from facegap.data.finding import Finding, FindingCode
from facegap.metrics.influence import SubjectRates
from facegap.metrics.registry import metric
from facegap.stats import Estimate

CARRIES = 0.2
"""Share of an error rate from which on one subject is named as carrying it."""

CROWD, ERRORS = 10, 5
"""Subjects and errors below which somebody has much of everything, so that it says nothing."""

WATCHED = (("fmr", "shipped"), ("fnmr", "shipped"), ("tar", "fmr=0.01"), ("tar", "fmr=0.001"))
"""The rates that decide whether a model is used, by metric and operating point."""


def concentration_rows(population_row: Callable[..., dict], subjects: SubjectRates) -> Iterator[dict]:
    """Yield rows `effective_subjects` and `heaviest_share` of the genuine and of the impostor comparisons of a cohort.

    The effective number of subjects is the square of the sum of their comparisons over the sum of the squares (Kish,
    Survey Sampling, 1965): with as many subjects of equally many comparisons a mean would vary as much.
    `heaviest_share` is the share of the comparisons in which the subject with the most of them takes part.
    """
    for k, (kind, total) in enumerate(zip(("genuine", "impostor"), subjects.totals, strict=True)):
        if total.any():
            sides = k + 1
            n = round(float(subjects.made.totals[k].sum()) / sides)
            effective = float(total.sum() ** 2 / (total**2).sum())
            yield population_row("effective_subjects", effective, at=kind, n_comparisons=n)
            yield population_row("heaviest_share", float(total.max() * sides / total.sum()), at=kind, n_comparisons=n)


def carrying_findings(model: str, cohort: str, estimates: Mapping[tuple[str, str], Estimate]) -> Iterator[Finding]:
    """Yield a finding for the error rate of a cohort that one subject carries the most, if any is carried so.

    It says what the rate would be without that subject, and with one more like that, by what the subject does to it.
    """
    found = []
    for place in WATCHED:
        estimate = estimates.get(place)
        if estimate is None or estimate.n_subjects < CROWD or (estimate.errors or 0) < ERRORS:
            continue
        complement = metric(place[0]).complement
        rate = estimate.complement() if complement else estimate
        without = float(rate.left_out.min())
        if rate.value - without >= CARRIES * rate.value:
            found.append(((rate.value - without) / rate.value, complement or place[0], place[1], rate.value, without))
    if found:
        share, name, at, value, without = max(found)
        yield Finding.of(
            FindingCode.ONE_CARRIES,
            model=model, cohort=cohort, share=share, metric=name, at=at, rate=value,
            without=max(without, 0.0), with_one_more=min(2 * value - without, 1.0),
        )  # fmt: skip
