"""Who can judge: subjects with genuine comparisons, cohort by cohort."""

import numpy as np
import polars as pl
import pytest

from facegap.data.manifest import Manifest
from facegap.errors import InputError
from facegap.jobs.enough import LEAST, check_before, check_enough, genuine_subjects, shortage

ROWS = [("a", "x"), ("a", "x"), ("b", "x"), ("b", "y"), ("c", "y"), ("c", "y"), ("d", "y"), ("d", "y")]


def manifest_of(rows: list[tuple[str, str]]) -> Manifest:
    frame = pl.DataFrame([(str(i), *row) for i, row in enumerate(rows)], ["path", "subject", "cohort"], orient="row")
    return Manifest(frame, tuple(dict.fromkeys(cohort for _, cohort in rows)), "people")


def people(subjects: int, images: int = 2) -> Manifest:
    return manifest_of([(f"s{i:03}", "x") for i in range(subjects) for _ in range(images)])


def test_a_genuine_comparison_takes_two_different_images_in_one_cohort():
    manifest = manifest_of(ROWS)
    assert genuine_subjects(manifest, []) == {"x": 1, "y": 2}
    assert genuine_subjects(manifest, ["1", "2", "3", "4", "same", "same", "5", "6"]) == {"x": 1, "y": 1}


def test_a_cohort_of_which_no_image_counts_has_no_subjects():
    assert genuine_subjects(manifest_of(ROWS), [], np.arange(8) > 3) == {"x": 0, "y": 2}


def test_only_cohorts_that_lack_subjects_are_named():
    assert shortage({"x": LEAST, "y": LEAST + 5}) == ""
    said = shortage({"x": LEAST, "y": LEAST - 1, "z": 0})
    assert f"{LEAST - 1} in y, 0 in z" in said
    assert "in x" not in said
    with pytest.raises(InputError, match="hold out a larger share"):
        check_enough({"y": 1})


def test_a_split_with_too_few_judges_is_refused_before_any_image_is_opened():
    with pytest.raises(InputError, match=r": 19 in x, and 20 are needed"):
        check_before(people(38), held_out=0.5, seed=0)
    check_before(people(40), held_out=0.5, seed=0)
    with pytest.raises(InputError, match=r": 12 in x, and 20 are needed"):
        check_before(people(40), held_out=0.3, validation=0.1, seed=0)


def test_subjects_with_one_image_are_no_judges():
    rows = [(f"s{i:03}", "x") for i in range(100) for _ in range(2 if i < 30 else 1)]
    with pytest.raises(InputError, match=r": 15 in x, and 20 are needed"):
        check_before(manifest_of(rows), held_out=0.5, seed=0)
