"""What a notebook shows of an evaluation, and what asking it for a name that does not exist says."""

from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from facegap.data.evaluation import Evaluation
from facegap.errors import InputError

Made = Callable[..., Evaluation]


class Cells(HTMLParser):
    """The texts of the cells of all tables."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1] in ("td", "th"):
            self.texts.append(data)


def test_a_shell_shows_an_evaluation_in_one_line(make_evaluation: Made) -> None:
    made = make_evaluation()
    assert "\n" not in repr(made)
    assert all(repr(name) in repr(made) for name in (made.name, *made.models["model"], *made.cohorts["cohort"]))


def test_each_model_has_a_card_with_a_line_per_cohort(make_evaluation: Made) -> None:
    made = replace(make_evaluation(), notice="<Synthetic> faces.")
    shown = made._repr_html_()
    parsed = Cells()
    parsed.feed(shown)
    assert parsed.open == []
    assert "&lt;Synthetic&gt; faces." in shown
    for cohort in made.cohorts["cohort"].to_list()[:-1]:
        assert parsed.texts.count(cohort) == 3 * made.models.height, "at the shipped threshold, at its own, in numbers"
    for card in made.cards():
        assert card.main is not None
        for one in card.main.held:
            assert any(text.startswith(f"{one.verdict}: {100 * one.measured.value:.2f}"[:-2]) for text in parsed.texts)
    assert parsed.texts.count("AUC") == made.models.height
    auc = made.value("auc", model=made.models["model"][0], cohort=made.cohorts["cohort"][0])
    assert any(text.startswith(f"{auc:.3f}"[:5]) for text in parsed.texts)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"model": "x"}, "there is no model 'x': there are dlib"),
        ({"cohort": "x"}, "there is no cohort 'x': there are general"),
        ({"metric": "auk"}, "there is no metric 'auk': there are images, subjects"),
        ({"metric": "tar", "at": "fmr=1e-9"}, "there is no operating point of tar 'fmr=1e-9': there are fmr=0.1"),
        ({"images": "all"}, "there is no set of images 'all': there are own"),
    ],
)
def test_a_name_that_does_not_exist_is_an_error_that_names_what_does(
    make_evaluation: Made, asked: dict, said: str
) -> None:
    made = make_evaluation()
    first = {"metric": "auc", "model": made.models["model"][0], "cohort": made.cohorts["cohort"][0]}
    with pytest.raises(InputError, match=said):
        made.value(**{**first, **asked})


def test_what_the_data_could_not_resolve_is_none(make_evaluation: Made) -> None:
    made = make_evaluation()
    null = made.metrics.filter(metric="tar").filter(made.metrics.filter(metric="tar")["value"].is_null())
    row = null.row(0, named=True)
    assert made.value("tar", model=row["model"], cohort=row["probe_cohort"], at=row["at"]) is None
