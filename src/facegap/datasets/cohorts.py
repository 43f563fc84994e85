"""Which cohort each image belongs to: its input, or the values of its attributes."""

import re
from collections.abc import Sequence

import polars as pl

from facegap.data.cohort_names import JOINT
from facegap.datasets.bins import CohortBy
from facegap.datasets.part import InputPart
from facegap.datasets.sides import columns_of_sides
from facegap.errors import InputError
from facegap.run.text import clean, first_few, natural

UNKNOWN = "unknown"
"""The cohort value of an image whose attribute is missing, or lies in no bin."""

MOST_COHORTS = 20
MOST_NUMBERS = 10
"""Cohorts that are made without asking twice; of numbers, such as ages, fewer: they are rarely meant one by one."""

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def attributes_of(cohort_by: Sequence[str]) -> set[str]:
    """Return the attributes that make cohorts, of `--cohort`."""
    return {_parsed(text).attribute for text in cohort_by}


def with_cohorts(
    parts: Sequence[InputPart], names: Sequence[str], cohort_by: Sequence[str]
) -> tuple[list[pl.DataFrame], tuple[str, ...], tuple[int, ...]]:
    """Return the frame of each part with a `cohort` column, third, the cohorts in the order to report them in, and
    the place of the part that each cohort comes from.

    Without `cohort_by` a cohort is an input, except that the values of a column `cohort` are the cohorts of a single
    input, and cohort folders those of theirs. With it, a cohort is the values of these attributes, or their bins (see
    `bins`). The input's name stands before the values where there are several inputs; those of one name are one cohort.

    Raises:
        InputError: an input lacks an attribute.
    """
    asked = [_parsed(text) for text in cohort_by]
    frames: list[pl.DataFrame] = []
    cohorts: list[str] = []
    origin: list[int] = []
    labels = _labels(parts, names, asked)
    for place, (part, name) in enumerate(zip(parts, names, strict=True)):
        own = "cohort" in part.attributes and (len(parts) == 1 or part.layout == "cohort-folders")
        attributes = labels[place] or ([part.frame["cohort"]] if own else [])
        lead = [pl.lit(name)] if len(parts) > 1 or not attributes else []
        values = [attribute.fill_null(UNKNOWN) for attribute in attributes]
        cohort = pl.concat_str([*lead, *values], separator=JOINT).alias("cohort")
        frame = part.frame.with_columns(cohort)
        frames.append(frame.select("path", "subject", "cohort", pl.exclude("path", "subject", "cohort")))
        found = sorted(frame["cohort"].unique(), key=natural) if attributes else [name]
        cohorts += [cohort for cohort in found if cohort not in cohorts]
        origin += [place] * (len(cohorts) - len(origin))
    return frames, tuple(cohorts), tuple(origin)


def check_number(cohorts: Sequence[str], cohort_by: Sequence[str]) -> None:
    """Refuse more cohorts than anybody asks for.

    Raises:
        InputError: there are more than `MOST_COHORTS`, or than `MOST_NUMBERS` that are all numbers.
    """
    numbers = all(NUMBER.fullmatch(cohort) for cohort in cohorts if cohort != UNKNOWN)
    if len(cohorts) > (MOST_NUMBERS if numbers else MOST_COHORTS):
        example = next((text for text in cohort_by if ":" not in text), "age")
        raise InputError(
            "there are {number} cohorts ({cohorts}), too many to compare: put numbers in bins, --cohort "
            "{example}:quartiles or --cohort {example}:0-17,18-29,30-; --many-cohorts goes on with all",
            number=len(cohorts),
            cohorts=first_few(cohorts),
            example=example,
        )


def _parsed(text: str) -> CohortBy:
    return CohortBy.parsed(clean(text))


def _labels(parts: Sequence[InputPart], names: Sequence[str], asked: Sequence[CohortBy]) -> list[list[pl.Series]]:
    """Return for each input the values, or the bins, of each attribute that makes cohorts."""
    found: list[list[pl.Series]] = [[] for _ in parts]
    for each in asked:
        columns = []
        for part, name in zip(parts, names, strict=True):
            attribute = _attribute(part, each.attribute)
            _require(part, name, [attribute])
            columns.append(part.frame[attribute])
        for of_part, column in zip(found, each.labels(columns), strict=True):
            of_part.append(column)
    return found


def _attribute(part: InputPart, name: str) -> str:
    """Return the attribute that is meant: `att1`, a column of a list of comparisons, is the `att` of its images."""
    if name in part.attributes or part.layout not in ("pairs", "scores"):
        return name
    return next((own for own in part.attributes if name in columns_of_sides(own)), name)


def _require(part: InputPart, name: str, attributes: Sequence[str]) -> None:
    for attribute in attributes:
        if not part.attributes:
            raise InputError(
                "cohorts by {attribute!r}: {name!r} ({how}) carries no attributes; give a table with the columns path, "
                "subject and {attribute}",
                attribute=attribute,
                name=name,
                how=part.how,
            )
        if attribute not in part.attributes:
            raise InputError(
                "cohorts by {attribute!r}: {name!r} has the attributes {attributes}",
                attribute=attribute,
                name=name,
                attributes=", ".join(part.attributes),
            )
