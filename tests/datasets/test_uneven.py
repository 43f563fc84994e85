"""Who makes the genuine comparisons of a cohort, from labels whose comparisons are counted by hand."""

import numpy as np
import polars as pl
import pytest

from facegap.data.manifest import Manifest
from facegap.data.source import Pairs
from facegap.datasets import label_findings, read
from facegap.report.text.findings import finding_text


def people(*images: int, cohort: str = "x") -> list[tuple[str, str, str]]:
    return [(f"{cohort}{s}/{i}.jpg", f"s{s:02}", cohort) for s, n in enumerate(images) for i in range(n)]


def manifest(rows: list[tuple[str, str, str]], cohorts: tuple[str, ...] = ("x",)) -> Manifest:
    frame = pl.DataFrame(rows, schema=["path", "subject", "cohort"], orient="row")
    return Manifest(frame, cohorts, "test")


def said(found: Manifest, pairs: Pairs | None = None) -> list[str]:
    return [finding_text(finding) for finding in label_findings(found, pairs) if finding.kind == "uneven-subjects"]


def test_one_subject_of_many_images_is_named_with_its_share() -> None:
    # 16 images make 120 comparisons, 30 subjects with 2 make one each: 120 of 150.
    (message,) = said(manifest(people(*[2] * 30, 16)))
    assert "cohort 'x': 's30' makes 80 % of the genuine comparisons, the five largest of 31 subjects 83 %" in message
    assert "--most-images 3 " in message


def test_the_limit_that_is_suggested_is_enough_and_no_lower_than_it_must_be(tree) -> None:
    root = tree(*[f"s{s}_{i}.png" for s, n in enumerate([60, *[8] * 20]) for i in range(n)])
    (message,) = said(read([root]))
    assert "'s0' makes 76 %" in message
    assert "--most-images 10 " in message
    assert said(read([root], most_images=10, rng=np.random.default_rng(0))) == []
    assert len(said(read([root], most_images=20, rng=np.random.default_rng(0)))) == 1


def test_five_subjects_that_make_over_half_are_said() -> None:
    # Five with 8 images make 28 comparisons each, 60 with 2 make one: 140 of 200, and 14 % each.
    (message,) = said(manifest(people(*[8] * 5, *[2] * 60)))
    assert "'s00' makes 14 %" in message
    assert "the five largest of 65 subjects 70 %" in message
    # With 5 images they make 10 of 150 each, which is 7 %, and 33 % together.
    assert said(manifest(people(*[5] * 5, *[2] * 100))) == []


@pytest.mark.parametrize("subjects", [1, 2, 3, 8, 19, 20, 40])
def test_subjects_with_equally_many_images_are_even_however_few_they_are(subjects: int) -> None:
    assert said(manifest(people(*[6] * subjects, 1))) == []


def test_a_few_subjects_of_whom_one_makes_more_than_twice_its_share() -> None:
    # 45 of 45 + 4 comparisons; with 4 images 6 of 10.
    (message,) = said(manifest(people(10, 2, 2, 2, 2)))
    assert "'s00' makes 92 % of the genuine comparisons of 5 subjects" in message
    assert len(said(manifest(people(4, 2, 2, 2, 2)))) == 1
    assert said(manifest(people(4, 3, 3, 3, 3))) == []


def test_only_the_cohort_that_is_uneven_is_said() -> None:
    rows = people(*[3] * 20, cohort="x") + people(*[3] * 20, 30, cohort="y")
    (message,) = said(manifest(rows, ("x", "y", "none")))
    assert "cohort 'y'" in message


def test_in_a_list_of_pairs_the_listed_comparisons_count() -> None:
    rows = people(*[4] * 25)
    first = np.arange(0, 100, 4)

    def said_of(a: np.ndarray, b: np.ndarray) -> list[str]:
        same = np.array([rows[i][1] == rows[j][1] for i, j in zip(a, b, strict=True)])
        return said(manifest(rows), Pairs(a, b, same, np.zeros(len(a), np.int64)))

    assert said_of(np.r_[first, first], np.r_[first + 1, (first + 4) % 100]) == []
    (message,) = said_of(np.r_[first, [4, 4, 5, 5, 6]], np.r_[first + 1, [6, 7, 6, 7, 7]])
    assert "'s01' makes 20 %" in message
    assert "list fewer comparisons of each subject" in message
    assert "--most-images" not in message
