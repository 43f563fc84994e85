"""Folders in folders: which of them are the people."""

import pytest

from facegap.data.manifest import Manifest
from facegap.datasets import read
from facegap.errors import InputError
from facegap.report.text.findings import finding_text
from facegap.report.text.inputs import input_text


def doubts(manifest: Manifest) -> list[str]:
    return [finding_text(finding) for finding in manifest.findings if finding.kind == "unsure-subjects"]


def named(*folders: str, people: int = 3, images: int = 2) -> list[str]:
    return [f"{folder}/p{k}_{folder[-3:]}/{i}.png" for folder in folders for k in range(people) for i in range(images)]


def test_each_outer_folder_is_a_cohort(tree) -> None:
    manifest = read([tree(*named("African", "Asian"))])
    assert manifest.cohorts == ("African", "Asian")
    assert manifest.frame["subject"].n_unique() == 6
    assert manifest.sources[0].layout == "cohort-folders"
    assert "2 folders of cohorts, each with a folder per subject, 12 images of 6 subjects" in input_text(
        manifest.sources[0]
    )
    (doubt,) = doubts(manifest)
    assert "--layout folders" in doubt


def test_folders_around_the_cohorts_are_looked_through(tree) -> None:
    manifest = read([tree(*named("test/data/African", "test/data/Asian"), "test/txts/notes.txt")])
    assert manifest.cohorts == ("African", "Asian")
    wrapped = read([tree(*named("data"), folder="other")])
    assert (wrapped.sources[0].layout, wrapped.frame["subject"].n_unique()) == ("folders", 3)


def test_sessions_within_the_folder_of_a_subject(tree) -> None:
    names = [f"{who}/{view}/{i}.png" for who in ("Abe", "Sato", "Ueda") for view in ("front", "left") for i in range(2)]
    manifest = read([tree(*names)])
    assert manifest.sources[0].layout == "folders"
    assert manifest.frame["subject"].n_unique() == 3
    (doubt,) = doubts(manifest)
    assert "6 folders such as 'Abe/front'" in doubt
    assert "--layout cohort-folders" in doubt


def test_many_outer_folders_are_people(tree) -> None:
    names = [f"id{who:02d}/video{who}{take}/1.png" for who in range(25) for take in range(3)]
    assert read([tree(*names)]).sources[0].layout == "folders"


def test_the_layout_can_be_forced_either_way(tree) -> None:
    root = tree(*named("African", "Asian"))
    assert read([root], layout="folders").frame["subject"].n_unique() == 2
    few = tree("x/A/1.png", "x/B/1.png", "y/A/1.png", "y/B/2.png", folder="few")
    assert read([few]).cohorts == ("few",)
    assert read([few], layout="cohort-folders").cohorts == ("x", "y")
    with pytest.raises(InputError, match="has no images in COHORT/SUBJECT/"):
        read([tree("A/1.png", "B/1.png", folder="flat")], layout="cohort-folders")


def test_two_such_inputs(tree) -> None:
    one, two = tree(*named("f", "m"), folder="one"), tree(*named("old", "young"), folder="two")
    assert read([one, two]).cohorts == ("one · f", "one · m", "two · old", "two · young")


def test_images_outside_are_reported(tree) -> None:
    manifest = read([tree(*named("African", "Asian", people=6), "African/stray.png", "group.png")])
    (ignored,) = [finding for finding in manifest.findings if finding.kind == "ignored"]
    assert len(ignored.paths) == 2


def test_folders_below_the_subjects_are_named(tree) -> None:
    names = [f"{split}/{race}/{race}{k}{split}/1.png" for split in ("test", "train") for race in "abc" for k in (1, 2)]
    manifest = read([tree(*names)])
    assert any("(?P<subject>" in doubt and "'test/a/a1test'" in doubt for doubt in doubts(manifest))


def test_cohorts_of_files_named_after_people(tree) -> None:
    names = [
        f"{where}/{who}{where}_{i}.png" for where in ("general", "young") for who in ("Aoi", "Emi") for i in (1, 2)
    ]
    manifest = read([tree(*names)])
    (doubt,) = doubts(manifest)
    assert "named after several people, such as Aoigeneral, Aoiyoung" in doubt
    views = [f"{who}/{view}_{i}.png" for who in ("Abe", "Sato") for view in ("front", "left") for i in (1, 2)]
    assert doubts(read([tree(*views, folder="views")])) == []
