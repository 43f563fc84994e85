import hashlib
from pathlib import Path

import numpy as np
import polars as pl

from facegap.data.manifest import Manifest
from facegap.data.source import Pairs
from facegap.datasets import content_findings, label_findings, read
from facegap.report.text.findings import finding_text


def manifest(*rows: tuple[str, str, str], cohorts: tuple[str, ...] = ("x", "y")) -> Manifest:
    frame = pl.DataFrame(rows, schema=["path", "subject", "cohort"], orient="row")
    return Manifest(frame.sort("subject", "cohort", "path"), cohorts, name="test")


def digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def test_sound_labels() -> None:
    sound = manifest(("1", "A", "x"), ("2", "A", "x"), ("3", "B", "x"), ("4", "B", "x"), cohorts=("x",))
    assert label_findings(sound) == ()


def test_what_labels_show() -> None:
    found = label_findings(
        manifest(("1", "A", "x"), ("2", "B", "x"), ("3", "A", "y"), ("4", "A", "y"), cohorts=("x", "y", "z"))
    )
    assert [finding.kind for finding in found] == [
        "single-image",
        "no-genuine",
        "no-impostor",
        "empty-cohort",
        "shared-subject",
    ]
    single, genuine, impostor, empty, shared = (finding_text(finding) for finding in found)
    assert "cohort 'x': subjects with one image" in single
    assert "1 of 2 (B)" in single
    assert "cohort 'x' has no genuine comparison" in genuine
    assert "cohort 'y' has one subject, 'A'" in impostor
    assert "cohort 'z' has no images" in empty
    assert "1 subject found in more than one cohort: A (x, y)" in shared


def test_subjects_in_two_cohorts_by_design() -> None:
    """As id photos and selfies: nobody is asked for second id photos, nor to rename people."""
    rows = [(f"{who}{cohort}{k}", who, cohort) for who in "ABC" for cohort in "xy" for k in range(1 + (cohort == "y"))]
    own, single, shared = label_findings(manifest(*rows, ("D", "D", "y")))
    assert "1 of 4 (D)" in finding_text(single)
    assert own.kind == "no-genuine"
    assert finding_text(own).endswith("those of its subjects are in x/y")
    assert shared.kind == "shared-subject"
    assert finding_text(shared).startswith("3 subjects in two cohorts or more")
    assert "(x/y)" in finding_text(shared)
    few, *_, other = label_findings(manifest(*rows[:6], ("E", "E", "x")))
    assert "1 of 3 (E)" in finding_text(few)
    assert "2 subjects found in more than one cohort" in finding_text(other)


def test_listed_pairs_that_never_cross_two_cohorts_are_no_population() -> None:
    rows = manifest(*((f"{who}{cohort}{k}", who, cohort) for who in "ABC" for cohort in "xy" for k in range(2)))
    frame = rows.frame.with_row_index()
    first, second = (frame.filter(pl.col("path").str.ends_with(end))["index"].to_numpy() for end in "01")
    within = Pairs(first, second, np.ones(len(first), bool), np.zeros(len(first), np.int64))
    assert "found in more than one cohort" in finding_text(label_findings(rows, within)[-1])
    crossing = Pairs(first[::2], second[1::2], np.ones(3, bool), np.zeros(3, np.int64))
    assert "(x/y)" in finding_text(label_findings(rows, crossing)[-1])


def test_the_same_bytes() -> None:
    rows = manifest(
        ("1", "A", "x"), ("2", "A", "x"), ("3", "A", "x"), ("4", "B", "x"), ("5", "B", "x"), ("6", "C", "x")
    )
    same, other = digest("same"), digest("other")
    assert content_findings(rows, [same, same, other, digest("4"), "", ""]) == (
        content_findings(rows, [same, same, "", "", "", ""])
    )
    (duplicate,) = content_findings(rows, [same, same, other, "", "", ""])
    assert (duplicate.kind, duplicate.paths) == ("duplicate", ("1", "2"))
    assert "2 files of 'A' are the same image" in finding_text(duplicate)
    conflict, twice = content_findings(rows, [same, same, "", same, other, ""])
    assert (conflict.kind, conflict.paths) == ("label-conflict", ("1", "2", "4"))
    assert "'A' and 'B'" in finding_text(conflict)
    assert (twice.kind, twice.paths) == ("duplicate", ("1", "2"))


def test_empty_and_unreadable_files_are_not_alike() -> None:
    rows = manifest(("1", "A", "x"), ("2", "A", "x"), ("3", "B", "x"))
    assert content_findings(rows, [digest("")] * 3) == ()
    assert content_findings(rows, [""] * 3) == ()


def test_one_path_under_two_subjects_is_reported_once() -> None:
    rows = manifest(("1", "A", "x"), ("1", "B", "x"))
    assert [finding.kind for finding in label_findings(rows)].count("label-conflict") == 1
    assert content_findings(rows, [digest("1")] * 2) == ()


def test_the_duplicate_in_the_set_of_dlib(shared_dir) -> None:
    johns = read([shared_dir / "data" / "johns"])
    found = content_findings(johns, [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in johns.paths])
    assert [finding.kind for finding in found] == ["duplicate"]
    assert [path.split("johns/")[1] for path in found[0].paths] == [
        "John_Shimkus/000378_02340151.jpg",
        "John_Shimkus/000378_03227610.jpg",
    ]
