"""Plans from simulated pilots: what must hold of the numbers, whoever the people are."""

import numpy as np
import pytest

from facegap.errors import InputError
from facegap.jobs.plan import Gap, Pilot, Plan, Request, Resolve, plan
from facegap.jobs.plan.planning import errors_apart
from facegap.report.text.plans import notes, sentences, title
from jobs.plan.crowd import draw, pilot

AUC = Gap("auc", 0.02)


@pytest.fixture(scope="module")
def one() -> Pilot:
    return pilot(draw(40, 5, np.random.default_rng(1)))


def planned(people: Pilot, *questions, **options):
    return plan(people, Request(questions, **options), rng=np.random.default_rng(0), workers=1)


def subjects(people: Pilot, question, **options) -> int:
    return planned(people, question, **options).answers[0].planned.subjects


@pytest.fixture(scope="module")
def usual(one) -> Plan:
    """What the pilot says of the two usual questions: a gap in AUC, and an FMR of 0.01."""
    return planned(one, AUC, Resolve(0.01))


def test_finer_questions_take_more_subjects(one, usual):
    auc, fmr = (answer.planned.subjects for answer in usual.answers)
    finer = planned(one, Gap("auc", 0.01), Resolve(1e-3), Gap("eer", 0.04), Gap("eer", 0.02))
    fine_auc, fine_fmr, eer, fine_eer = (answer.planned.subjects for answer in finer.answers)
    assert fine_auc > 2.5 * auc
    assert subjects(one, AUC, power=0.9) > auc
    assert subjects(one, AUC, level=0.99) > auc
    assert fine_fmr > fmr
    assert eer < fine_eer


@pytest.mark.parametrize("df", [4.0, 12.0, 50.0])
def test_plans_from_many_pilots_find_the_gap_with_the_power_on_the_average(df):
    rng = np.random.default_rng(5)
    quantile, draws = 2.0, 200_000
    planned_error = np.sqrt(rng.chisquare(df, draws) / df)  # of one pilot each, in units of the true standard error
    gap = errors_apart(0.8, quantile, df) * planned_error  # the study is made as large as this pilot asks for
    assert (rng.normal(size=draws) + gap > quantile).mean() == pytest.approx(0.8, abs=0.004)
    assert errors_apart(0.8, quantile, np.inf) < errors_apart(0.8, quantile, df)


def test_each_further_image_saves_less_and_twice_the_subjects_do_more_than_twice_the_images(usual):
    answer = usual.answers[0]
    assert [need.images for need in answer.needs] == [2, 3, 5, 10]
    needed = [need.subjects for need in answer.needs]
    assert needed == sorted(needed, reverse=True)
    by_image = -np.diff(needed) / np.diff([need.images for need in answer.needs])
    assert (np.diff(by_image) < 0).all()
    law = answer.case.law
    assert law.variance(80, 5) < law.variance(40, 10)


def test_what_lies_beyond_the_pilot_is_marked(one):
    answer = planned(one, AUC, images=8).answers[0]
    assert {need.images: need.measured for need in answer.needs} == {2: True, 3: True, 5: True, 8: False, 10: False}
    assert answer.planned.images == 8
    assert answer.doubled is None
    with pytest.raises(InputError, match="give 2 to 10"):
        planned(one, AUC, images=11)
    with pytest.raises(InputError, match="give 1 to 10"):
        planned(one, Resolve(0.01), images=0)
    with pytest.raises(InputError, match="give 2 to 10"):
        planned(one, AUC, Resolve(0.01), images=1)


def test_cohorts_take_as_many_subjects_each_and_the_images_of_both(usual):
    need, fmr = (answer.planned for answer in usual.answers)
    assert need.images_in_all == 2 * need.subjects * need.images
    assert fmr.images_in_all == fmr.subjects * fmr.images
    assert fmr.low <= fmr.subjects <= fmr.high
    assert need.low < need.subjects < need.high


def test_ten_false_matches_are_expected_at_least(one):
    for answer in planned(one, Resolve(1e-2), Gap("tar", 0.3, fmr=1e-2)).answers:
        for need in answer.needs:
            assert 1e-2 * need.images**2 * need.subjects * (need.subjects - 1) / 2 >= 10


def test_the_cohorts_that_need_the_most_are_named(one):
    rng = np.random.default_rng(3)
    easy, middle, hard = (draw(40, 4, rng, noise=noise) for noise in (0.8, 1.0, 1.4))
    found = planned(pilot(easy, middle, hard), AUC).answers[0]
    assert found.case.people == "b and c"
    assert found.planned.subjects > subjects(pilot(easy, middle), AUC)


def test_models_on_the_same_subjects_need_fewer_than_unrelated_ones():
    subject, vectors = draw(40, 4, np.random.default_rng(4), models=2)
    people = pilot((subject, vectors))
    gap = Gap("auc", 0.02, "models")
    paired, *apart = planned(people, gap, AUC).answers
    assert paired.case.paired
    assert paired.model == "m0 and m1"
    assert [answer.model for answer in apart] == ["m0", "m1"]
    assert paired.planned.subjects < 0.6 * min(answer.planned.subjects for answer in apart)
    alone = planned(pilot((subject, vectors[:1])), gap).answers[0]
    assert alone.planned.subjects == apart[0].planned.subjects
    assert alone.planned.images_in_all == alone.planned.subjects * alone.planned.images
    assert any("unrelated" in sentence for sentence in sentences(alone))


def test_an_fmr_below_what_the_pilot_shows_is_extrapolated_and_said_so(one):
    shown, beyond = planned(one, Resolve(0.05), Resolve(1e-4)).answers
    assert shown.case.anchor is None
    assert shown.planned.subjects < beyond.planned.subjects
    assert beyond.case.anchor == pytest.approx(100 / (25 * 40 * 39 / 2))
    assert any("extrapolated" in sentence for sentence in sentences(beyond))


def test_the_same_seed_plans_the_same(one, usual):
    assert planned(one, AUC, Resolve(0.01)).frame().equals(usual.frame())


def test_the_table_has_a_row_for_each_question_model_and_number_of_images(usual):
    frame = usual.frame()
    assert frame.columns == [
        "question", "model", "people", "images", "subjects", "images_in_all", "low", "high", "measured",
    ]  # fmt: skip
    assert frame["question"].unique(maintain_order=True).to_list() == [str(AUC), "FMR 0.01"]


def test_the_words(usual):
    answer = usual.answers[0]
    assert title(answer, usual) == "A gap of 0.02 in AUC between two cohorts, found with 80 % power (m0; a)"
    need, twice = answer.planned, answer.doubled
    said = " ".join(sentences(answer))
    assert f"With 5 images of each it takes {need.subjects} subjects in each cohort" in said
    assert f"With 10 images of each it takes {twice.subjects}: that saves" in said
    assert f"{need.subjects - twice.subjects} subjects" in said
    assert any("extrapolated" in note for note in notes(usual))
    assert any("40 subjects" in note for note in notes(usual))


def test_a_pilot_with_two_images_of_each_says_nothing_of_more():
    answer = planned(pilot(draw(60, 2, np.random.default_rng(6))), AUC).answers[0]
    assert [need.images for need in answer.needs] == [2]
    assert any("does not show what more images" in sentence for sentence in sentences(answer))


def test_pilots_that_cannot_answer(one):
    with pytest.raises(InputError, match="too few comparisons"):
        planned(one, Gap("tar", 0.1, fmr=1e-5))
    with pytest.raises(InputError, match="too few to plan for an FMR"):
        planned(pilot(draw(10, 2, np.random.default_rng(1))), Resolve(1e-3))
    with pytest.raises(InputError, match="no spread"):
        planned(pilot(draw(12, 3, np.random.default_rng(1), noise=0.01)), AUC)
    with pytest.raises(InputError, match="too large"):
        planned(one, Gap("auc", 0.6))
