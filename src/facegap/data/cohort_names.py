"""How the name of a combined cohort is made of its parts, and the other way to write it."""

from collections.abc import Sequence

JOINT = " · "


def written(name: str, known: Sequence[str]) -> str:
    """Return the cohort that is meant: `lfw, male` is a way to write the combined `lfw · male`."""
    joined = JOINT.join(part.strip() for part in name.split(","))
    return joined if name not in known and joined in known else name
