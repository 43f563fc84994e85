"""Why cells of the coverage study are out of bounds, as far as a person has found out."""

LAMBS = "about four of 80 subjects attract most false matches: a study that drew fewer has nothing to know it by"

REASONS: dict[tuple[str, str], str] = {
    ("families of 3, 60 x 5", ""): "subjects of a family depend on each other: a known limit",
    ("5 % lambs, 80 x 5", "one model, FMR(t)"): LAMBS,
    ("5 % lambs, 80 x 5", "one model, threshold of FMR=0.01"): LAMBS,
    ("5 % lambs, 80 x 5", "one model, best F1"): LAMBS,
    (
        "LFW, ",
        "one model, AUC",
    ): "a few label errors make most of 1 - AUC: a study without them has nothing to know it by",
}
"""By how the population and the quantity begin, as docs/coverage.md names them."""


def reason(population: str, quantity: str) -> str:
    """Return the first reason for a quantity of a population, or ""."""
    fitting = (why for (who, what), why in REASONS.items() if population.startswith(who) and quantity.startswith(what))
    return next(fitting, "")
