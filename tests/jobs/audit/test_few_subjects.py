"""Where few subjects show what is normal, an audit says what it cannot tell, and still finds the worst."""

import itertools

import numpy as np
import pytest

from jobs.audit.album import BOTH, IMAGES, Album


@pytest.mark.parametrize(("people", "says"), [(1, "1 subject has"), (3, "3 subjects have")])
def test_too_few_subjects_to_compare_are_said_to_tell_nothing(people, says):
    found, (doubt,) = Album(people=people).audited()
    assert found.is_empty()
    assert doubt.startswith("m: cannot tell which labels are wrong")
    assert says in doubt


@BOTH
@pytest.mark.parametrize("people", [4, 5, 12])
def test_among_few_subjects_one_person_under_two_names_is_found(comparator, people):
    """So few people hold no tail of pairs that the pair of names would stand out from."""
    found = []
    for seed in range(6):
        album = Album(people=people, seed=seed)
        for k in range(2):
            album.label[album.row(1, k)] = "again"
        found += [(kind, *(path.split("/")[0] for path in paths)) for kind, *paths in album.audit(comparator)]
    assert set(found) <= {("one-person", "001", "001"), ("wrong-label", "001", "001")}
    assert len(found) >= 5


@BOTH
def test_among_few_subjects_one_person_under_three_names_is_found(comparator):
    """Three of the ten pairs are wrong: half of the most alike, from which a tail would be taken."""
    album = Album(people=3, images=15)
    names = ("000", "again", "anew")
    for k in range(15):
        album.label[k] = names[k % 3]
    found, _ = album.audited(comparator)
    pairs = {frozenset(pair) for pair in found.select("subject_a", "subject_b").iter_rows()}
    assert pairs == {frozenset(pair) for pair in itertools.combinations(names, 2)}
    assert set(found["kind"]) == {"one-person"}


@BOTH
def test_among_few_subjects_an_image_under_the_wrong_name_is_sent_home(comparator):
    album = Album(people=6)
    album.label[album.row(3, 0)] = "005"
    assert [(kind, a, b.split("/")[0]) for kind, a, b in album.audit(comparator)] == [("wrong-label", "003/0", "003")]


@BOTH
@pytest.mark.parametrize("people", [4, 20])
def test_few_subjects_with_right_labels_are_left_alone_and_the_bar_is_named(comparator, people):
    for seed in range(3):
        found, (doubt,) = Album(people=people, seed=seed).audited(comparator)
        assert found.is_empty()
        assert f"{people} subjects do not show how alike strangers can be" in doubt
        assert "the middle genuine comparison (" in doubt


def test_few_subjects_give_no_chance_and_many_do():
    for people, known in ((19, False), (40, True)):
        album = Album(people=people)
        album.label[album.row(3, 0)] = "007"
        for k in range(2):
            album.label[album.row(5, k)] = "005 again"
        found, doubts = album.audited()
        assert set(found["kind"]) == {"wrong-label", "one-person"}
        assert found["by_chance"].is_not_null().to_list() == [known] * found.height
        assert bool(doubts) != known


def test_the_stricter_of_the_middle_genuine_comparison_and_the_shipped_threshold_is_the_bar():
    album = Album(people=5)
    for k in range(2):
        album.label[album.row(1, k)] = "again"
    found, (doubt,) = album.audited(threshold=0.1)
    assert found["kind"].to_list() == ["one-person"]
    assert "genuine" in doubt
    found, (doubt,) = album.audited(threshold=0.999)
    assert found.is_empty()
    assert "shipped threshold (0.999)" in doubt


def test_single_images_of_few_subjects_are_judged_by_the_shipped_threshold_alone():
    album = Album(people=6, noise=0.3)
    album.label = [f"{s:03}/{k % IMAGES}" for k, s in enumerate(album.person)]
    album.ok = np.array([k % IMAGES == 0 or k == album.row(5, 1) for k in range(len(album.person))])
    found, doubts = album.audited(threshold=0.6)
    assert found.select("kind", "path_a", "path_b").rows() == [("one-person", "005/0", "005/1")]
    assert "shipped threshold (0.6)" in doubts[0]
    found, doubts = album.audited()
    assert found.is_empty()
    assert [" ".join(line.split()[:4]) for line in doubts] == ["m: cannot tell whether"] * 2
    assert "no threshold is known" in doubts[0]
    assert "no subject has two images" in doubts[1]


def test_subjects_that_a_model_does_not_keep_apart_are_no_suspects():
    found, doubts = Album(people=8, noise=8).audited()
    assert "one-person" not in found["kind"].to_list()
    assert "does not keep these subjects apart" in doubts[0]


def test_too_few_genuine_comparisons_are_said_and_nobody_is_split():
    album = Album()
    keep = [k % IMAGES == 0 or s < 2 for k, s in enumerate(album.person)]
    album.ok = np.array(keep)
    for k in (3, 4):
        album.label[album.row(7, 0)], album.ok[album.row(0, k)] = "001", False
    found, (doubt,) = album.audited()
    assert found.is_empty()
    assert "2 subjects have two images or more" in doubt


@BOTH
@pytest.mark.parametrize("people", [5, 30])
def test_equal_scores_are_said_to_tell_nothing(comparator, people):
    album = Album(people=people)
    album.vectors[:] = album.vectors[0]
    found, (doubt,) = album.audited(comparator)
    assert found.is_empty()
    assert "all scores are equal" in doubt


def test_a_cohort_with_few_strangers_of_its_own_is_named():
    album = Album(people=30, cohorts=2)
    assert album.audited()[1] == []
    album.cohort = ["lonely" if s == 4 else cohort for s, cohort in zip(album.person, album.cohort, strict=True)]
    (doubt,) = album.audited()[1]
    assert doubt.startswith("m: lonely: fewer than 50 images of other subjects of the cohort")
