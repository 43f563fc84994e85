"""Wrong labels, planted in embeddings whose people are known, are found, and right ones are left alone."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

import facegap
from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.finding import Finding
from facegap.data.manifest import Manifest
from facegap.data.statement import Statement
from facegap.jobs.audit import AUDIT_SCHEMA, audit, audit_files, audit_labels
from facegap.jobs.audit import strangers as yardstick
from facegap.jobs.audit.alike import Alike
from facegap.jobs.audit.strangers import Faces, Strangers

BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)
PEOPLE, IMAGES = 60, 5


class Album:
    """People with known faces, and labels to be spoilt: image k of person s is `s/k`."""

    def __init__(self, *, people=PEOPLE, images=IMAGES, noise=0.6, cohorts=1, seed=0):
        rng = np.random.default_rng(seed)
        self.person = np.repeat(np.arange(people), images)
        centre = rng.normal(size=(people, 64)) + 0.7 * (np.arange(people) % cohorts)[:, None]
        self.vectors = (centre[self.person] + noise * rng.normal(size=(len(self.person), 64))).astype(np.float32)
        self.label = [f"{s:03}" for s in self.person]
        self.cohort = [f"c{s % cohorts}" for s in self.person]
        self.ok = np.ones(len(self.person), bool)

    def row(self, person: int, image: int) -> int:
        return person * IMAGES + image

    def study(self) -> tuple[Embeddings, Manifest]:
        paths = [f"{s:03}/{k % IMAGES}" for k, s in enumerate(self.person)]
        frame = pl.DataFrame({"path": paths, "subject": self.label, "cohort": self.cohort})
        order = frame.with_row_index().sort("subject", "cohort", "path")
        rows = order["index"].to_numpy()
        vectors = np.where(self.ok[:, None], self.vectors, np.nan)[rows]
        outcome = np.where(self.ok, Outcome.OK, Outcome.NO_FACE).astype(np.uint8)[rows]
        embeddings = Embeddings(vectors, outcome, (None,) * len(rows), np.full((len(rows), 4), np.nan, np.float32))
        return embeddings, Manifest(order.drop("index"), tuple(sorted(set(self.cohort))), "album")

    def audit(self, comparator=Comparator.COSINE) -> list[tuple[str, str, str]]:
        found, _ = self.audited(comparator)
        return found.select("kind", "path_a", "path_b").rows()

    def audited(self, comparator=Comparator.COSINE, threshold=None) -> tuple[pl.DataFrame, list[str]]:
        """Return what is found, and the lines that say what cannot be told."""
        embeddings, manifest = self.study()
        doubts = []
        found = audit_labels(embeddings, manifest, comparator, model="m", threshold=threshold, doubt=doubts.append)
        assert found.schema == AUDIT_SCHEMA
        assert (found["model"] == "m").all()
        return found, doubts


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


def test_what_the_files_show_is_listed_pair_by_pair():
    _, manifest = Album().study()
    twice = Finding("duplicate", Statement("3 files are the same"), ("001/0", "001/1", "001/2"))
    conflict = Finding("label-conflict", Statement("under two names"), ("002/0", "003/0"))
    silent = Finding("single-image", Statement("not ours"), ("004/0",))
    found = audit_files(manifest.with_findings(twice, conflict, silent))
    assert found.select("kind", "path_a", "path_b").rows() == [
        ("label-conflict", "002/0", "003/0"),
        ("duplicate", "001/0", "001/1"),
        ("duplicate", "001/0", "001/2"),
    ]
    assert found["by_chance"].is_null().all()
    assert found["reason"][0] == "under two names"


def test_a_file_under_two_names_is_no_second_case_of_one_person():
    album = Album()
    for k in range(1, IMAGES):
        album.ok[album.row(5, k)] = album.ok[album.row(6, k)] = False
    album.vectors[album.row(6, 0)] = album.vectors[album.row(5, 0)]
    embeddings, manifest = album.study()
    known = manifest.with_findings(Finding("label-conflict", Statement("one image"), ("005/0", "006/0")))
    assert audit_labels(embeddings, manifest, Comparator.COSINE, model="m")["kind"].to_list() == ["one-person"]
    assert audit_labels(embeddings, known, Comparator.COSINE, model="m").is_empty()


def saved(path: Path, album: Album) -> Path:
    np.savez(path, embedding=album.vectors, subject=album.label, cohort=album.cohort)
    return path


def test_a_study_is_audited_from_its_inputs(tmp_path):
    album = Album()
    album.label[album.row(3, 0)] = "007"
    album.vectors[album.row(9, 1)] = np.nan
    steps = []
    found = audit(
        facegap.Study(inputs=[saved(tmp_path / "album.npz", album)]),
        progress=lambda task, done, total: steps.append((task, done == total)),
    )
    assert found.select("kind", "subject_a", "subject_b").rows() == [("wrong-label", "007", "003")]
    assert found["model"].to_list() == ["saved embeddings"]
    assert {task for task, finished in steps if finished} == {"looking at strangers", "comparing subjects"}


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


@pytest.mark.parametrize(("people", "says"), [(1, "1 subject has"), (3, "3 subjects have")])
def test_too_few_subjects_to_compare_are_said_to_tell_nothing(people, says):
    found, (doubt,) = Album(people=people).audited()
    assert found.is_empty()
    assert doubt.startswith("m: cannot tell which labels are wrong")
    assert says in doubt


def test_embeddings_of_no_image_are_refused():
    embeddings, manifest = Album(people=3).study()
    nothing = replace(embeddings, outcome=np.full(len(embeddings), Outcome.NO_FACE, np.uint8))
    with pytest.raises(facegap.InputError, match="m: no image has an embedding"):
        audit_labels(nothing, manifest, Comparator.COSINE, model="m")


def test_few_subjects_still_have_their_files_looked_at(tmp_path):
    for s in range(2):
        (tmp_path / f"{s}").mkdir()
        for k in range(2):
            image = np.random.default_rng(s * 2 + k).integers(0, 255, (40, 40, 3), np.uint8)
            Image.fromarray(image).save(tmp_path / f"{s}/{k}.png")
    (tmp_path / "1" / "again.png").write_bytes((tmp_path / "0" / "0.png").read_bytes())
    pixels = facegap.ModelSpec(
        name="pixels", runtime="python", weights="1", crop="whole", size=8, dimension=192, comparator=Comparator.COSINE
    )
    model = facegap.Model(spec=pixels, embed=lambda crops: crops.reshape(len(crops), -1).astype(np.float32))
    doubts = []
    found = audit(facegap.Study(inputs=[tmp_path], models=[model], store=tmp_path / "store"), doubt=doubts.append)
    assert found["kind"].to_list() == ["label-conflict"]
    assert [line.split(":")[0] for line in doubts] == ["pixels"]


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


def test_a_list_of_pairs_is_refused_before_any_image_is_embedded(tmp_path):
    (tmp_path / "pairs.csv").write_text("path_a,path_b,same\na.png,b.png,1\na.png,c.png,0\n")
    for name in "abc":
        (tmp_path / f"{name}.png").write_bytes(b"")
    with pytest.raises(facegap.InputError, match="list of pairs cannot be audited"):
        audit(facegap.Study(inputs=[tmp_path / "pairs.csv"], models=["dlib"]))
