"""Wrong labels, planted in embeddings whose people are known, are found, and right ones are left alone."""

import numpy as np
import pytest

from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.finding import Finding
from facegap.data.statement import Statement
from facegap.jobs.audit import audit_labels
from facegap.jobs.audit import strangers as yardstick
from facegap.jobs.audit.alike import Alike
from facegap.jobs.audit.strangers import Faces, Strangers
from jobs.audit.album import BOTH, IMAGES, PEOPLE, Album


@BOTH
@pytest.mark.parametrize("cohorts", [1, 2])
def test_right_labels_are_left_alone(comparator, cohorts):
    for seed in range(3):
        assert Album(cohorts=cohorts, seed=seed).audit(comparator) == []


@BOTH
def test_faces_that_are_hard_to_tell_apart_raise_few_false_alarms(comparator):
    """Where the scores overlap widely, as many as expected: an image in a hundred and a pair of subjects or two."""
    kinds = [row[0] for seed in range(4) for row in Album(noise=1.6, seed=seed).audit(comparator)]
    assert kinds.count("one-person") <= 4 * 2
    assert len(kinds) - kinds.count("one-person") <= 0.03 * 4 * PEOPLE * IMAGES


@BOTH
def test_an_image_under_the_wrong_name_is_sent_home(comparator):
    album = Album()
    album.label[album.row(3, 0)] = "007"
    album.label[album.row(20, 4)] = "041"
    found = album.audit(comparator)
    assert {(kind, a, b.split("/")[0]) for kind, a, b in found} == {
        ("wrong-label", "003/0", "003"),
        ("wrong-label", "020/4", "020"),
    }


@BOTH
def test_two_images_that_changed_places_are_both_sent_home(comparator):
    album = Album()
    i, j = album.row(3, 0), album.row(7, 2)
    album.label[i], album.label[j] = album.label[j], album.label[i]
    found = {(kind, a, b.split("/")[0]) for kind, a, b in album.audit(comparator)}
    assert found == {("wrong-label", "003/0", "003"), ("wrong-label", "007/2", "007")}


def test_of_two_images_that_are_unlike_the_one_that_has_a_home_goes():
    album = Album()
    for k in range(2, IMAGES):
        album.ok[album.row(7, k)] = False
    album.label[album.row(7, 0)] = "030"
    album.label[album.row(11, 0)] = "007"
    assert {(kind, a, b.split("/")[0]) for kind, a, b in album.audit()} == {
        ("wrong-label", "007/0", "007"),
        ("wrong-label", "011/0", "011"),
    }


@BOTH
def test_a_stranger_to_the_study_is_odd(comparator):
    album = Album()
    for k in range(1, IMAGES):
        album.ok[album.row(9, k)] = False
    album.label[album.row(9, 0)] = "012"
    assert [(kind, a, b.split("/")[0]) for kind, a, b in album.audit(comparator)] == [("odd-image", "009/0", "012")]


@BOTH
@pytest.mark.parametrize("images", [1, 2])
def test_one_person_under_two_names_is_one_case(comparator, images):
    album = Album()
    for k in range(images):
        album.label[album.row(5, k)] = "005 again"
    (case,) = album.audit(comparator)
    assert case[0] == "one-person"
    assert {case[1].split("/")[0], case[2].split("/")[0]} == {"005"}


@BOTH
def test_two_people_under_one_name_are_told_apart(comparator):
    album = Album()
    for k in range(IMAGES):
        album.label[album.row(8, k)] = "009"
    album.ok[album.row(8, 0)] = False
    found = album.audit(comparator)
    assert [(kind, a) for kind, a, _ in found] == [("two-people", f"008/{k}") for k in range(1, IMAGES)]
    assert {b.split("/")[0] for _, _, b in found} == {"009"}


@BOTH
def test_many_wrong_labels_do_not_hide_each_other(comparator):
    """A tenth of the people under two names, a tenth of the images of others under wrong ones."""
    album = Album(people=100)
    for s in range(0, 20, 2):
        album.label[album.row(s, 0)] = album.label[album.row(s, 1)] = f"{s:03} again"
    moved = [(s, s % IMAGES) for s in range(20, 60)]
    for s, k in moved:
        album.label[album.row(s, k)] = f"{s + 40 if s < 60 else s - 40:03}"
    found = album.audit(comparator)
    alike = {a.split("/")[0] for kind, a, b in found if kind == "one-person"}
    assert len(alike & {f"{s:03}" for s in range(0, 20, 2)}) >= 9
    sent = {a for kind, a, b in found if kind in ("wrong-label", "odd-image")}
    assert len(sent & {f"{s:03}/{k}" for s, k in moved}) >= 38
    assert len(sent - {f"{s:03}/{k}" for s, k in moved}) <= 2


def test_only_images_that_have_an_embedding_are_judged():
    album = Album()
    album.label[album.row(3, 0)] = "007"
    album.ok[album.row(3, 0)] = False
    assert album.audit() == []


def test_cases_say_how_extreme_they_are_and_in_which_unit():
    album = Album()
    album.label[album.row(3, 0)] = "007"
    album.label[album.row(5, 0)] = "005 again"
    embeddings, manifest = album.study()
    for comparator in OF_EMBEDDINGS:
        found = audit_labels(embeddings, manifest, comparator, model="m")
        for row in found.iter_rows(named=True):
            a, b = (embeddings.vectors[manifest.paths.index(row[f"path_{side}"])] for side in "ab")
            unit = [v / np.linalg.norm(v) for v in (a, b)]
            score = unit[0] @ unit[1] if comparator is Comparator.COSINE else np.linalg.norm(a - b)
            assert row["score"] == pytest.approx(score, abs=1e-5)
            assert 0 <= row["by_chance"] < 1
            assert row["action"]
            assert "by chance" in row["reason"]
            for side in "ab":
                at = manifest.paths.index(row[f"path_{side}"])
                assert row[f"subject_{side}"] == manifest.subjects[at]
                assert row[f"cohort_{side}"] == "c0"
        assert found["by_chance"].is_sorted() or found["kind"].n_unique() > 1


def test_the_size_of_a_block_changes_nothing(monkeypatch):
    album = Album()
    album.label[album.row(3, 0)] = "007"
    for k in range(2):
        album.label[album.row(5, k)] = "005 again"
    whole = album.audit()
    monkeypatch.setattr(yardstick, "BLOCK", 7)
    assert album.audit() == whole


@BOTH
def test_the_pairs_most_alike_are_those_of_a_plain_search(comparator):
    album = Album(people=30)
    embeddings, manifest = album.study()
    subject = manifest.subject_codes
    faces = Faces(comparator, np.arange(len(subject)), embeddings.vectors, subject, manifest.cohort_codes)
    strangers = Strangers.of(faces)
    similarity = np.stack([comparator.similarity(one[None], embeddings.vectors) for one in embeddings.vectors])
    best = np.array([[similarity[i][subject == s].max() for s in range(30)] for i in range(len(subject))])
    best[np.arange(len(subject)), subject] = -np.inf
    near = np.sort(best, axis=1)[:, -10]
    assert strangers.near == pytest.approx(near, abs=1e-4)
    margin = np.minimum(similarity - near[:, None], similarity - near)
    pairs = {(r, s): margin[np.ix_(subject == r, subject == s)].max() for r in range(30) for s in range(r + 1, 30)}
    expected = sorted(pairs, key=lambda pair: -pairs[pair])
    found = Alike.tail(faces, strangers)
    assert list(zip(found.a.tolist(), found.b.tolist(), strict=True)) == expected[: len(found.likeness)]
    assert found.likeness == pytest.approx([pairs[pair] for pair in expected[: len(found.likeness)]], abs=1e-4)
    others = [np.delete(row, np.flatnonzero(subject == s)) for row, s in zip(similarity, subject, strict=True)]
    assert strangers.middle == pytest.approx([np.median(row) for row in others], abs=1e-4)
    spread = [1.4826 * np.median(np.abs(row - np.median(row))) for row in others]
    assert strangers.spread == pytest.approx(spread, abs=1e-4)


def test_what_is_expected_by_chance_falls_off_with_the_margin():
    tail = Alike(np.zeros(20, np.int64), np.arange(20), np.sort(np.random.default_rng(0).exponential(0.1, 20))[::-1])
    assert tail.expected(float(tail.likeness[-1])) == 20
    assert tail.expected(-1.0) == 20
    halves = tail.expected(float(np.median(tail.likeness)))
    assert halves == pytest.approx(10), "half of the tail lies beyond its median"
    assert tail.expected(2.0) < 1e-5


def test_a_file_under_two_names_is_no_second_case_of_one_person():
    album = Album()
    for k in range(1, IMAGES):
        album.ok[album.row(5, k)] = album.ok[album.row(6, k)] = False
    album.vectors[album.row(6, 0)] = album.vectors[album.row(5, 0)]
    embeddings, manifest = album.study()
    known = manifest.with_findings(Finding("label-conflict", Statement("one image"), ("005/0", "006/0")))
    assert audit_labels(embeddings, manifest, Comparator.COSINE, model="m")["kind"].to_list() == ["one-person"]
    assert audit_labels(embeddings, known, Comparator.COSINE, model="m").is_empty()


def test_a_cohort_of_one_subject_is_judged_by_the_others():
    album = Album()
    album.cohort = ["lonely" if s == 4 else "c0" for s in album.person]
    album.label[album.row(4, 0)] = "007"
    assert [(kind, a, b.split("/")[0]) for kind, a, b in album.audit()] == [("wrong-label", "004/0", "004")]


def test_without_genuine_comparisons_one_person_is_still_found():
    album = Album(noise=0.3)
    album.label = [f"{s:03}/{k % IMAGES}" for k, s in enumerate(album.person)]
    first = [k % IMAGES == 0 or k == album.row(5, 1) for k in range(len(album.person))]
    album.ok = np.array(first)
    assert album.audit() == [("one-person", "005/0", "005/1")]
