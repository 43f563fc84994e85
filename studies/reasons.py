"""Why cells of the coverage study are out of bounds, as far as a person has found out."""

LAMBS = "about four of 80 subjects attract most false matches: a study that drew fewer has nothing to know it by"

CLUSTERS = "a hidden 15 % of the people are alike: of 80 subjects, how many of them were drawn decides the FMR"
BEST = "the best of many thresholds; few subjects make most false matches"
HUBS = "few of 50 subjects make most false matches of a cohort: a study that drew none of them looks sure"
FULL_FALL = "it asks the full fall of a rough curve before it rules a threshold out: errs on the safe side"
NEAR_ONE = "AUCs above 0.995 are not tested, and nothing is taken off for pairs of subjects: errs on the safe side"
SAFE = "Student's t on the logarithm, or with few degrees of freedom: errs on the safe side"
LABELS = "a few wrong labels make most of it: a study without them has nothing to know it by"

REASONS: dict[tuple[str, str], str] = {
    ("families of 3, 60 x 5", ""): "subjects of a family depend on each other: a known limit",
    ("5 % lambs, 80 x 5", "one model, FMR(t)"): LAMBS,
    ("5 % lambs, 80 x 5", "one model, threshold of FMR=0.01"): LAMBS,
    ("5 % lambs, 80 x 5", "one model, best F1"): LAMBS,
    ("two clusters, 80 x 5", "one model, FMR(t)"): CLUSTERS,
    ("two clusters, 80 x 5", "one model, threshold of FMR=0.01"): CLUSTERS,
    ("cohorts 20 : 100", "two cohorts, x − y, AUC"): "the AUC of 20 subjects is skewed, its plain difference is not",
    ("hubs", "two models, a − b, best F1"): BEST,
    ("lognormal pull", "two models, a − b, best F1"): BEST,
    ("hubs, 50 x 6", "two cohorts, x − y, FMR(t)"): HUBS,
    ("hubs, 50 x 6", "two cohorts, x − y, TAR@FMR=0.01"): HUBS,
    ("hubs, 50 x 6", "one model, threshold of FMR=0.01"): HUBS,
    ("", "one model, threshold of best F1"): FULL_FALL,
    ("", "two models, a − b, AUC"): NEAR_ONE,
    ("", "two cohorts, x − y, AUC"): NEAR_ONE,
    ("", "gap of a − gap of b, AUC"): NEAR_ONE,
    ("", "gap of a − gap of b, FMR(t)"): SAFE,
    ("", "gap of a − gap of b, EER"): SAFE,
    ("", "two cohorts, x − y, FMR(t)"): SAFE,
    ("LFW, ", "one model, "): LABELS,
    ("LFW, ", "two models, a − b, that differ"): LABELS,
}
"""By how the population and the quantity begin, as docs/coverage.md names them."""


def reason(population: str, quantity: str) -> str:
    """Return the first reason for a quantity of a population, or ""."""
    fitting = (why for (who, what), why in REASONS.items() if population.startswith(who) and quantity.startswith(what))
    return next(fitting, "")
