"""The choice of the regularisation: by unseen subjects, the same every time."""

import numpy as np
import pytest

from facegap.errors import InputError
from facegap.jobs.adapt.regularisation import Learnt, choose, make_head


def crowd(*, subjects: int, images: int = 4, size: int = 16, seed: int = 0, cohorts: int = 1) -> Learnt:
    """Subjects differ in half of the numbers; the other half varies more, from image to image."""
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), images).astype(np.int32)
    tells = np.arange(size) < size // 2
    vectors = rng.normal(size=(subjects, size))[subject] * tells
    vectors += rng.normal(size=(len(subject), size)) * np.where(tells, 0.4, 3)
    return Learnt(vectors.astype(np.float32), subject, subject % cohorts)


def test_the_choice_tells_unseen_subjects_apart():
    choice = choose(crowd(subjects=40), seed=0)
    assert choice.auc > 0.97
    assert choice.recipe.shrinkage < 1
    assert choice.tried == 2 * 6 * 3, (
        "16 numbers of 32 subjects: 15, 7 and 3 directions or all, of which 16 and 15 differ"
    )


@pytest.mark.usefixtures("few_recipes")
def test_the_same_images_and_seed_give_the_same_choice_and_head():
    images = crowd(subjects=12)
    first, second = choose(images, seed=3), choose(images, seed=3)
    assert first == second
    heads = [make_head(images, first.recipe) for _ in range(2)]
    assert np.array_equal(heads[0].matrix, heads[1].matrix)
    assert heads[0].dimension == first.recipe.dimension


def test_without_structure_little_is_made_of_noise():
    rng = np.random.default_rng(0)
    subject = np.repeat(np.arange(20), 4).astype(np.int32)
    images = Learnt(rng.normal(size=(80, 32)).astype(np.float32), subject, subject * 0)
    assert 0.4 < choose(images, seed=0).auc < 0.65


@pytest.mark.usefixtures("few_recipes")
def test_cohorts_are_scored_apart():
    images = crowd(subjects=40, cohorts=2)
    far = Learnt(images.vectors + 100 * images.cohort[:, None], images.subject, images.cohort)
    assert choose(far, seed=0).auc == pytest.approx(choose(images, seed=0).auc, abs=0.02)


@pytest.mark.parametrize("subjects", [1, 3])
def test_too_few_subjects_are_refused(subjects):
    with pytest.raises(InputError, match=f"{subjects} subjects to learn from are too few"):
        choose(crowd(subjects=subjects), seed=0)


@pytest.mark.usefixtures("few_recipes")
def test_subjects_that_are_each_alone_in_their_cohort_are_refused():
    with pytest.raises(InputError, match="no fold of subjects has genuine and impostor comparisons"):
        choose(crowd(subjects=6, cohorts=6), seed=0)
