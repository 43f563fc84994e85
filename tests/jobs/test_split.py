"""The split of subjects: fair to every cohort, fixed by its seed, and never through a person or a picture."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegap.data.manifest import Manifest
from facegap.errors import InputError
from facegap.jobs.split import Role, split_subjects, strangers, write_split


def manifest_of(rows: list[tuple[str, str]]) -> Manifest:
    """Images given as (subject, cohort)."""
    frame = pl.DataFrame(rows, schema=["subject", "cohort"], orient="row")
    frame = frame.sort("subject", "cohort").with_row_index("i")
    frame = frame.select(pl.format("{}.jpg", "i").alias("path"), "subject", "cohort")
    return Manifest(frame, tuple(sorted({cohort for _, cohort in rows})), "made")


def people(*, images: int = 3, **subjects: int) -> Manifest:
    """`images` of each of so many subjects in every cohort."""
    return manifest_of([(f"{c}{s:03}", c) for c, n in subjects.items() for s in range(n) for _ in range(images)])


def hashes_of(manifest: Manifest) -> list[str]:
    return [f"sha of {path}" for path in manifest.paths]


def roles(manifest: Manifest, split) -> dict[str, str]:
    return dict(zip(manifest.subjects, split.role.tolist(), strict=True))


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 30), min_size=1, max_size=4),
    st.floats(0.1, 0.6),
    st.sampled_from([0.0, 0.2]),
    st.integers(0, 5),
)
def test_each_subject_has_one_role_and_each_cohort_gets_its_shares(cohorts, held_out, validation, seed):
    manifest = people(**cohorts)
    try:
        split = split_subjects(manifest, hashes_of(manifest), held_out=held_out, validation=validation, seed=seed)
    except InputError:
        assert sum(cohorts.values()) * min(held_out, validation or 1, 0.2) < 4, "only the smallest sets are refused"
        return
    found = roles(manifest, split)
    assert [found[subject] for subject in manifest.subjects] == split.role.tolist()
    shares = {Role.TRAIN: 1 - held_out - validation, Role.VALIDATION: validation, Role.HELD_OUT: held_out}
    for cohort, subjects in cohorts.items():
        counts = Counter(role for subject, role in found.items() if subject.startswith(cohort))
        for role, share in shares.items():
            assert abs(counts[role] - share * subjects) < 2


def test_the_seed_fixes_the_split_and_the_order_of_rows_does_not_matter():
    manifest = people(a=20, b=9)
    split = split_subjects(manifest, hashes_of(manifest), held_out=0.3, seed=1)
    assert split_subjects(manifest, hashes_of(manifest), held_out=0.3, seed=1).role.tolist() == split.role.tolist()
    other = split_subjects(manifest, hashes_of(manifest), held_out=0.3, seed=2)
    assert other.role.tolist() != split.role.tolist()
    order = np.random.default_rng(0).permutation(len(manifest))
    mixed = Manifest(manifest.frame[order], manifest.cohorts, "made")
    assert roles(mixed, split_subjects(mixed, hashes_of(mixed), held_out=0.3, seed=1)) == roles(manifest, split)


def test_subjects_with_too_few_different_usable_images_are_not_trained_on():
    manifest = manifest_of([(f"s{s:02}", "a") for s in range(20) for _ in range(1 if s < 10 else 2)])
    hashes = hashes_of(manifest)
    last = [i for i, subject in enumerate(manifest.subjects) if subject == "s19"]
    hashes[last[1]] = hashes[last[0]]
    usable = np.ones(len(manifest), bool)
    usable[manifest.subjects.index("s18")] = False
    split = split_subjects(manifest, hashes, held_out=0.5, usable=usable, seed=0)
    found = roles(manifest, split)
    few = {f"s{s:02}" for s in (*range(10), 18, 19)}
    assert {role for subject, role in found.items() if subject in few} == {"left-out", "held-out"}
    assert {role for subject, role in found.items() if subject not in few} == {"train", "held-out"}
    assert (
        split.note
        == "20 subjects: 4 to learn from, 10 held out to judge on; 6 left out, with fewer than 2 usable images"
    )


def test_an_image_under_two_names_is_refused():
    manifest = people(a=10)
    hashes = hashes_of(manifest)
    hashes[0] = hashes[-1]
    with pytest.raises(InputError, match="filed under 'a000' and 'a009'"):
        split_subjects(manifest, hashes, held_out=0.3, seed=0)


def test_unreadable_files_are_not_taken_for_one_image():
    manifest = people(a=10)
    hashes = ["" if i in (0, len(manifest) - 1) else one for i, one in enumerate(hashes_of(manifest))]
    assert split_subjects(manifest, hashes, held_out=0.3, seed=0).rows(Role.TRAIN).any()


@pytest.mark.parametrize(("subjects", "images"), [(1, 5), (2, 5), (10, 1)])
def test_too_few_subjects_are_refused_in_one_line(subjects, images):
    manifest = people(a=subjects, images=images)
    with pytest.raises(InputError, match="too few to learn from some and to judge on others") as error:
        split_subjects(manifest, hashes_of(manifest), held_out=0.3, seed=0)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("held_out", "validation"), [(0.0, 0.1), (1.0, 0.0), (0.5, 0.5), (0.3, -0.1)])
def test_shares_that_leave_nothing_are_refused(held_out, validation):
    manifest = people(a=10)
    with pytest.raises(InputError, match="add up to less than 1"):
        split_subjects(manifest, hashes_of(manifest), held_out=held_out, validation=validation, seed=0)


def test_strangers_are_those_unknown_by_name_and_by_picture():
    manifest = people(a=4, images=2)
    hashes = ["one", "two", "three", "", "five", "six", "", "eight"]
    unknown = strangers(manifest, hashes, subjects={"a000", "nobody"}, images={"five", ""})
    assert unknown.tolist() == [False, False, True, True, False, False, True, True]


def test_the_split_is_written_beside_the_model(tmp_path):
    manifest = people(a=10)
    split = split_subjects(manifest, hashes_of(manifest), held_out=0.3, seed=0)
    write_split(split, manifest, tmp_path / "new" / "model.split.csv")
    table = pl.read_csv(tmp_path / "new" / "model.split.csv")
    assert table.columns == ["path", "subject", "cohort", "role", "schema_version"]
    assert table["role"].to_list() == split.role.tolist()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["model.split.csv"]
