"""Subjects and attributes from the names of files."""

import re

import pytest

import facegap
from facegap.data.manifest import Manifest
from facegap.datasets import read
from facegap.datasets.naming import READY, parse_naming
from facegap.errors import InputError
from facegap.report.text.findings import finding_text


def doubts(manifest: Manifest) -> list[str]:
    return [finding_text(finding) for finding in manifest.findings if finding.kind == "unsure-subjects"]


@pytest.mark.parametrize(
    ("ready", "name", "groups"),
    [
        ("fgnet", "001A43b.JPG", {"subject": "001", "age": "43"}),
        ("agedb", "12_MariaCallas_35_f.jpg", {"subject": "MariaCallas", "age": "35", "sex": "f"}),
        ("morph", "009055_1M54.JPG", {"subject": "009055", "sex": "M", "age": "54"}),
        ("cfd", "CFD-WM-001-014-HC.jpg", {"subject": "WM-001", "race": "W", "sex": "M", "expression": "HC"}),
        (
            "utk",
            "26_1_0_20170116184024662.jpg.chip.jpg",
            {"subject": "20170116184024662", "age": "26", "sex": "1", "race": "0"},
        ),
        ("lfw-flat", "George_W_Bush_0001.jpg", {"subject": "George_W_Bush"}),
        ("numbered", "Aoi Yamada (1).jpg", {"subject": "Aoi Yamada"}),
        ("numbered", "person1-3.png", {"subject": "person1"}),
        ("numbered", "佐藤12.png", {"subject": "佐藤"}),
    ],
)
def test_ready_patterns(ready: str, name: str, groups: dict[str, str]) -> None:
    assert parse_naming(ready).groups((name,)) == groups
    assert parse_naming(ready).groups(("folder", name)) == groups


def test_the_first_that_fits_is_the_data_set_itself() -> None:
    names = {
        "fgnet": "001A02.JPG", "agedb": "12_Ann_35_f.jpg", "morph": "009055_1M54.JPG", "cfd": "CFD-WM-001-014-N.jpg",
        "utk": "26_1_0_20170116.jpg", "lfw-flat": "John_Doe_0001.jpg", "numbered": "John (1).jpg",
    }  # fmt: skip
    for ready, name in names.items():
        assert next(one for one in READY if parse_naming(one).groups((name,))) == ready


def test_subjects_and_attributes_from_paths(tree) -> None:
    root = tree("2015/a-Ann.png", "2015/b-Ben.png", "2025/c-Ann.png", "2025/notes-.png")
    manifest = read([root], subject_from=r"^(?P<year>\d+)/.-(?P<subject>\w+)", cohort_by=["year"])
    assert manifest.subjects == ["Ann", "Ann", "Ben"]
    assert manifest.cohorts == ("2015", "2025")
    (ignored,) = [finding for finding in manifest.findings if finding.kind == "ignored"]
    assert "1 image whose names do not fit --subject-from" in finding_text(ignored)


def test_a_group_called_cohort_makes_the_cohorts(tree) -> None:
    root = tree("young/Ann_1.png", "young/Ben_1.png", "old/Cat_1.png", "old/Cat_2.png")
    manifest = read([root], subject_from=r"(?P<cohort>\w+)/(?P<subject>[^_]+)_")
    assert manifest.cohorts == ("old", "young")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(?P<subject>\d+", "is no regular expression"),
        (r"(\d+)", "has no group named subject"),
        (r"(?P<subject>.)(?P<path>.)", "has a group named path"),
        ("fgnet", "fits none of 2 images in .*, 'A_1.png' for one"),
        ("celeba", "identity_CelebA.txt"),
    ],
)
def test_unusable_patterns(tree, pattern: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read([tree("A_1.png", "B_1.png")], subject_from=pattern)


def test_it_is_for_folders_and_alone(tree) -> None:
    root = tree("A_1.png", "B_1.png")
    (root / "people.csv").write_text("path,subject\nA_1.png,A\nB_1.png,B\n")
    with pytest.raises(InputError, match="is no folder"):
        read([root / "people.csv"], subject_from="numbered")
    with pytest.raises(InputError, match="both say who is in an image"):
        read([root], subject_from="numbered", layout="prefix")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (
            ["001A02.JPG", "001A10.JPG", "002A05.JPG"],
            "no name holds a `_`.*--subject-from fgnet reads 2 subjects in these names",
        ),
        (
            ["John_Doe_0001.jpg", "John_Roe_0002.jpg", "Ann_Lee_0001.jpg"],
            "before the first `_`.*lfw-flat reads 3 subjects in these names, not the 2",
        ),
        (
            ["1_Ann_35_f.jpg", "2_Ann_40_f.jpg", "3_Ben_9_m.jpg"],
            "begin alike.*agedb reads 2 subjects in these names, not the 3",
        ),
        (["26_1_0_2017.jpg", "26_0_0_2018.jpg", "27_0_0_2018.jpg"], "utk reads 2 subjects in these names, not the 2"),
        (["Ann (1).jpg", "Ann (2).jpg", "Ben (1).jpg"], "numbered reads 2 subjects in these names, not the 3"),
        (["Ann-x.jpg", "Ann-y.jpg", "Ben-x.jpg"], "no name holds a `_`.*--subject-from REGEX"),
    ],
)
def test_names_that_mean_other_subjects(tree, names: list[str], said: str) -> None:
    (doubt,) = doubts(read([tree(*names)]))
    assert re.search(said, doubt)


def test_an_error_of_one_subject_says_what_else_the_names_may_mean(tree) -> None:
    with pytest.raises(InputError, match=r"has one subject, 'John' .*--subject-from lfw-flat reads 2 subjects"):
        facegap.read([tree("John_Doe_0001.jpg", "John_Roe_0001.jpg")])


def test_sound_prefixes_are_not_doubted(tree) -> None:
    assert doubts(read([tree("Ann_1.png", "Ann_2.png", "Ben_1.png")])) == []
    assert doubts(read([tree("Ann_Lee_1.png", "Ann_Lee_2.png", "Ben_Roe_1.png", folder="full")])) == []
