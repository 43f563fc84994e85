"""What the columns of a comparison are called: those of its two sides, and the one that says whether it is genuine."""

from collections.abc import Sequence

SAME = ("same", "is_same", "issame", "same_person", "is_same_person", "genuine", "match", "label")
PATHS = (
    ("path_a", "path_1", "path1", "image_a", "image_1", "image1", "img_a", "img_1", "img1", "file_a", "file_1", "file1",
     "filename1", "p1", "image1_path", "img1_path", "path_to_image1", "bio_ref_key", "bio_ref_template_id",
     "bio_ref_reference_id"),
    ("path_b", "path_2", "path2", "image_b", "image_2", "image2", "img_b", "img_2", "img2", "file_b", "file_2", "file2",
     "filename2", "p2", "image2_path", "img2_path", "path_to_image2", "probe_key", "probe_template_id",
     "probe_reference_id"),
)  # fmt: skip
SUBJECTS = (
    ("subject_a", "subject_1", "subject1", "id_a", "id_1", "id1", "person_a", "person1", "identity_a", "identity1",
     "name_a", "name1", "bio_ref_subject_id", "bio_ref_subject", "bio_ref_client_id"),
    ("subject_b", "subject_2", "subject2", "id_b", "id_2", "id2", "person_b", "person2", "identity_b", "identity2",
     "name_b", "name2", "probe_subject_id", "probe_subject", "probe_client_id"),
)  # fmt: skip
"""How the columns of the two sides are called, the usual name first; the last ones are those of bob."""

YES = frozenset({"1", "true", "yes", "y", "same", "genuine", "mated", "match"})
NO = frozenset({"0", "-1", "false", "no", "n", "different", "impostor", "imposter", "nonmated", "nonmatch"})

ENDS = (("", "_a", "_b"), ("", "_1", "_2"), ("", "1", "2"), ("bio_ref_", "", "probe_"))
"""What a column of the first side begins and ends with, and what stands there for the second side."""


def attributes_of_sides(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the columns of both sides by the name of their attribute; a column without a partner is that of both."""
    found: dict[str, tuple[str, str]] = {}
    for name in names:
        for start, end, other in ENDS:
            if not (name.startswith(start) and name.endswith(end)):
                continue
            plain = name.removeprefix(start).removesuffix(end)
            partner = other + plain if start else plain + other
            if plain and partner in names:
                found[plain] = (name, partner)
                break
    paired = {name for both in found.values() for name in both}
    return {**{name: (name, name) for name in names if name not in paired}, **found}


def columns_of_sides(attribute: str) -> set[str]:
    """Return what the columns of the two sides may be called for an attribute."""
    first = {f"{start}{attribute}{end}" for start, end, _ in ENDS}
    return first | {f"{other}{attribute}" if start else f"{attribute}{other}" for start, _, other in ENDS}
