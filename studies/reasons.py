"""Why cells of the coverage study are out of bounds, as far as a person has found out."""

REASONS: dict[tuple[str, str], str] = {
    ("families of 3, 60 x 5", ""): "subjects of a family depend on each other: a known limit",
}
"""By population and quantity as docs/coverage.md names them; without a quantity, for all of a population."""


def reason(population: str, quantity: str) -> str:
    """Return the reason for one quantity of a population, else the one for all of it, or ""."""
    return REASONS.get((population, quantity), REASONS.get((population, ""), ""))
