"""The decision in sentences: whether limits hold, and what to do next."""

import re
from dataclasses import replace

import pytest

from facegap.data.limits import DEFAULT_LIMITS, Limits
from facegap.jobs.decision import cards
from facegap.report.tables.state_tables import decision_cards
from facegap.report.text.decisions import limits_text, steps_text
from jobs.decision.test_cards import AROUND, HIGH, LOW, A, B, band, made, metric, shipped

KEEPS = "FMR then keeps its limit in every cohort, and FNMR becomes 0.100 % [0.050 %, 0.20 %] in general"
FAILS = "FNMR is 30.0 % [20.0 %, 40.0 %] in general. Adapt the model"
NOTHING = (None, None, None)
GAPLESS = [*band(0.3, LOW, HIGH), *band(0.4, HIGH, HIGH), *band(0.5, HIGH, LOW)]
"""From strict to loose: on one side of every threshold, these and all others, a rate surely exceeds its limit."""


@pytest.mark.parametrize(
    ("rows", "bands", "comparator", "said"),
    [
        (shipped(LOW, LOW), [], "euclidean", "Keeps both limits at its shipped threshold 0.6. Keep the threshold 0.6."),
        (shipped(HIGH, LOW), band(0.4, LOW, LOW), "euclidean", f"Lower the threshold to 0.4: {KEEPS}"),
        (shipped(HIGH, LOW), band(0.7, LOW, LOW), "cosine", f"Raise the threshold to 0.7: {KEEPS}"),
        ([], band(0.4, LOW, LOW), "euclidean", "; it keeps both limits at 0.4. Set the threshold to 0.4."),
        ([], band(0.4, LOW, HIGH), "euclidean", f"it fails: {FAILS}"),
        (shipped(HIGH, LOW), band(0.4, LOW, HIGH), "euclidean",
         f"No common threshold that was tried keeps both limits: at 0.4, the loosest that keeps FMR, {FAILS}"),
        (shipped(HIGH, LOW), band(0.4, HIGH, LOW), "euclidean",
         "At every common threshold that was tried FMR or FNMR surely exceeds its limit. Adapt the model"),
        ([metric("tar", *NOTHING, at="fmr=0.02", cohort=A)], band(0.4, HIGH, LOW), "euclidean",
         "Ships no threshold, and at every common threshold that was tried FMR or FNMR surely exceeds its limit. Ad"),
        (shipped(HIGH, LOW), GAPLESS, "euclidean",
         f"No common threshold keeps both limits: at 0.3, the loosest that keeps FMR, {FAILS}"),
        (shipped(HIGH, LOW), GAPLESS[2:], "euclidean",
         "At every common threshold FMR or FNMR surely exceeds its limit. Adapt the model"),
        ([metric("tar", *NOTHING, at="fmr=0.02", cohort=A)], GAPLESS[2:], "euclidean",
         "Ships no threshold, and at every common threshold FMR or FNMR surely exceeds its limit. Adapt the model"),
        (shipped(HIGH, LOW), [*GAPLESS[:2], *GAPLESS[4:]], "euclidean",
         f"No common threshold that was tried keeps both limits: at 0.3, the loosest that keeps FMR, {FAILS}"),
        (shipped(LOW, NOTHING), [], "euclidean",
         "Nothing can be told of FNMR in general with 20 subjects: it takes at least 149, with as many images"),
    ],
)  # fmt: skip
def test_a_card_says_what_is_decided_and_what_to_do(rows: list, bands: list, comparator: str, said: str) -> None:
    (card,) = decision_cards(made(rows, bands, comparator=comparator))
    assert said in card.said


def test_a_number_of_subjects_is_said_with_two_digits_that_count() -> None:
    (card,) = decision_cards(made(shipped(LOW, AROUND)))
    assert re.search(
        r"To tell FNMR from its limit at 0\.6 takes about \d\d0 subjects of general \(there are 20\)", card.said
    )


def test_each_rate_is_named_once_with_the_cohorts_where_it_is_highest() -> None:
    cohorts = tuple("abcde")
    rows = [row for i, one in enumerate(cohorts) for row in shipped((0.3 + i / 10, 0.2, 0.9), HIGH, one)]
    (card,) = decision_cards(made(rows, cohorts=cohorts))
    assert (
        "FMR is 70.0 % [20.0 %, 90.0 %] in e, 60.0 % [20.0 %, 90.0 %] in d, 50.0 % [20.0 %, 90.0 %] in c and 2 more; "
        in (card.headline)
    )
    assert card.headline.count("FNMR is") == 1


def test_scores_alone_cannot_be_adapted() -> None:
    (one,) = cards(made([], band(0.4, LOW, HIGH)))
    assert "facegap adapt" in steps_text(one)
    assert steps_text(replace(one, embeds=False)) == "Take another model: scores alone cannot be adapted."


def test_limits_say_whose_they_are() -> None:
    assert limits_text(DEFAULT_LIMITS).startswith(
        "Held to FMR of at most 0.1 % and FNMR of at most 5 % in every cohort. "
    )
    assert "NIST SP 800-63B" in limits_text(DEFAULT_LIMITS)
    assert limits_text(Limits(1e-4, 0.02)) == "Held to FMR of at most 0.01 % and FNMR of at most 2 % in every cohort."


def test_what_is_known_of_no_cohort_is_a_note_and_no_table() -> None:
    (card,) = decision_cards(made([*shipped(NOTHING, NOTHING, A), *shipped(NOTHING, NOTHING, B)], cohorts=(A, B)))
    assert card.tables[0].rows == ()
    assert card.tables[0].note
