"""Which cohort each image belongs to: its input, or the values of its attributes."""

from collections.abc import Sequence

import polars as pl

from facegap.datasets.part import InputPart
from facegap.datasets.sides import columns_of_sides
from facegap.errors import InputError
from facegap.run.text import clean, natural

JOINT = " · "
UNKNOWN = "unknown"
"""The cohort value of an image whose attribute is missing."""


def with_cohorts(
    parts: Sequence[InputPart], names: Sequence[str], cohort_by: Sequence[str]
) -> tuple[list[pl.DataFrame], tuple[str, ...], tuple[int, ...]]:
    """Return the frame of each part with a `cohort` column, third, the cohorts in the order to report them in, and
    the place of the part that each cohort comes from.

    Without `cohort_by` a cohort is an input, except that the values of a column `cohort` are the cohorts of a single
    input, and cohort folders those of theirs. With it, a cohort is the values of these attributes. The input's name
    stands before the values where there are several inputs.

    Raises:
        InputError: an input lacks an attribute.
    """
    asked = [clean(attribute) for attribute in cohort_by]
    frames: list[pl.DataFrame] = []
    cohorts: list[str] = []
    origin: list[int] = []
    for place, (part, name) in enumerate(zip(parts, names, strict=True)):
        own = "cohort" in part.attributes and (len(parts) == 1 or part.layout == "cohort-folders")
        attributes = [_attribute(part, each) for each in asked] or (["cohort"] if own else [])
        _require(part, name, attributes)
        lead = [pl.lit(name)] if len(parts) > 1 or not attributes else []
        values = [part.frame[attribute].fill_null(UNKNOWN) for attribute in attributes]
        cohort = pl.concat_str([*lead, *values], separator=JOINT).alias("cohort")
        frame = part.frame.with_columns(cohort)
        frames.append(frame.select("path", "subject", "cohort", pl.exclude("path", "subject", "cohort")))
        cohorts += sorted(frame["cohort"].unique(), key=natural) if attributes else [name]
        origin += [place] * (len(cohorts) - len(origin))
    return frames, tuple(cohorts), tuple(origin)


def _attribute(part: InputPart, name: str) -> str:
    """Return the attribute that is meant: `att1`, a column of a list of comparisons, is the `att` of its images."""
    if name in part.attributes or part.layout not in ("pairs", "scores"):
        return name
    return next((own for own in part.attributes if name in columns_of_sides(own)), name)


def _require(part: InputPart, name: str, attributes: Sequence[str]) -> None:
    for attribute in attributes:
        if not part.attributes:
            raise InputError(
                f"cohorts by {attribute!r}: {name!r} ({part.how}) carries no attributes; "
                f"give a table with the columns path, subject and {attribute}"
            )
        if attribute not in part.attributes:
            raise InputError(f"cohorts by {attribute!r}: {name!r} has the attributes {', '.join(part.attributes)}")
