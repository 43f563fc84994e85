"""Why cells of the coverage study are out of bounds, as far as a person has found out."""

LAMBS = "about four of 80 subjects attract most false matches: a study that drew fewer has nothing to know it by"
CLUSTERS = "a hidden 15 % of the people are alike: of 80 subjects, how many of them were drawn decides the FMR"
BEST = "the best of many thresholds; few subjects make most false matches"
HUBS = "few subjects make most false matches: a study that drew fewer of them looks sure"
KINDS = "false matches gather on some kinds of faces: how many of them were drawn decides the FMR"
LABELS = "a few wrong labels make most of it: a study without them has nothing to know it by"
SKEW = "the AUC of 20 subjects is skewed, its plain difference is not"
FAMILIES = "subjects of a family depend on each other: a known limit"

FULL_FALL = "it asks the full fall of a rough curve before it rules a threshold out"
NEAR_ONE = "AUCs above 0.995 are not tested, and nothing is taken off for pairs of subjects"
FEW = "few errors, or few degrees of freedom: it is not tested, or Student's t is wide"

UNSAFE: dict[tuple[str, str], str] = {
    ("5 % lambs", "one model, "): LAMBS,
    ("two clusters", "one model, "): CLUSTERS,
    ("cohorts 20 : 100", "two cohorts, x − y, AUC"): SKEW,
    ("hubs", "two models, a − b, best F1"): BEST,
    ("lognormal pull", "two models, a − b, best F1"): BEST,
    ("hubs", ""): HUBS,
    ("lognormal pull", ""): HUBS,
    ("families of 3", ""): FAMILIES,
    ("LFW, ", "one model, FMR"): KINDS,
    ("LFW, ", "one model, threshold of FMR"): KINDS,
    ("LFW, ", "two models, a − b, that differ, FMR"): KINDS,
    ("LFW, ", ""): LABELS,
}
"""Where intervals are too narrow, or tests find too much: by how the population and the quantity begin."""

SAFE: dict[tuple[str, str], str] = {
    ("", "one model, threshold of best F1"): FULL_FALL,
    ("", "two models, a − b, AUC"): NEAR_ONE,
    ("", "two cohorts, x − y, AUC"): NEAR_ONE,
    ("", "gap of a − gap of b, AUC"): NEAR_ONE,
    **{("", f"one model, {name}"): FEW for name in ("FMR", "FNMR", "TAR")},
    ("", "two models, a − b, FMR"): FEW,
    ("", "two models, a − b, that differ, "): FEW,
    ("", "two cohorts, "): FEW,
    ("", "gap of "): FEW,
}
"""Where intervals are wider, or tests find less, than they need to."""


def reason(population: str, quantity: str, *, safe: bool) -> str:
    """Return the first reason for a quantity of a population, or ""."""
    reasons = SAFE if safe else UNSAFE
    fitting = (why for (who, what), why in reasons.items() if population.startswith(who) and quantity.startswith(what))
    return next(fitting, "")
