"""Tables of the terminal at any width, with wide characters too: nothing is lost, and no interval is broken."""

import io

import pytest
from rich.cells import cell_len

from facegap.cli.check import _table as rules_table
from facegap.cli.columns import Columns, shared
from facegap.cli.console import Terminal
from facegap.jobs.check import check
from facegap.report.text.changes import COLUMNS
from facegap.report.text.judgements import measured_text
from facegap.report.text.language import _, in_language
from jobs.check.made import evaluation, metric

WIDTHS = pytest.mark.parametrize("width", [30, 80, 100, 120])
LANGUAGES = pytest.mark.parametrize("language", ["en", "ja"])
INTERVALS = ("[14.2 %, 19.5 %]", "[0.915, 0.961]", "[1.54, 4.3]", "[–, 0.9925]", "[−0.041, −0.002]")
CHANGES = {
    "en": ("general", "FNMR at FMR 0.01", f"16.7 % {INTERVALS[0]}", f"0.942 {INTERVALS[1]}",
           f"2.5 times {INTERVALS[2]} as often", "< 0.001", "worse"),
    "ja": ("若年女性", "FMR 0.01 での FNMR", f"16.7 % {INTERVALS[0]}", f"0.942 {INTERVALS[1]}",
           f"2.5 倍 {INTERVALS[2]} の頻度", "< 0.001", "悪化"),
}  # fmt: skip


def printed(shown: object, width: int) -> list[str]:
    out = io.StringIO()
    Terminal(file=out, width=width).print(shown)
    lines = out.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= width
    return lines


def changes(language: str) -> Columns:
    with in_language(language):
        titles = [_(title) for title in COLUMNS]
    table = Columns()
    for title in titles:
        table.add_column(title, overflow="fold")
    for model in ("mobilefacenet_ms1m_112", "dlib"):
        table.add_row(model, *CHANGES[language])
    return table


@WIDTHS
@LANGUAGES
def test_every_interval_of_a_wide_table_stands_on_one_line(language: str, width: int) -> None:
    lines = printed(changes(language), width)
    for interval in INTERVALS[:3]:
        assert sum(interval in line for line in lines) == 2, "once for each model"


@LANGUAGES
def test_where_columns_do_not_fit_each_row_is_lines_and_nothing_is_lost(language: str) -> None:
    whole = "".join("".join(printed(changes(language), 30)).split())
    with in_language(language):
        titles = [_(title) for title in COLUMNS]
    for model in ("mobilefacenet_ms1m_112", "dlib"):
        named = zip(titles, (model, *CHANGES[language]), strict=True)
        assert "".join("".join(f"{title}:{text}".split()) for title, text in named) in whole


@WIDTHS
@LANGUAGES
def test_what_rules_measured_is_never_broken(language: str, width: int) -> None:
    found = evaluation([metric("auc", 0.942, 0.915, 0.961), metric("fmr", 0.3, 0.2, 0.4, at="shipped", threshold=0.6)])
    with in_language(language):
        judgements = check(found, ["auc[general] >= 0.97", "fmr@shipped[general] <= 0.01"])
        shown = [measured_text(one) for one in judgements]
        lines = printed(rules_table(judgements, shown), width)
    for text in shown:
        _value, interval = text.split(" ", 1)
        assert any(interval in line for line in lines)


def test_no_interval_of_a_sentence_is_broken_at_any_width() -> None:
    said = f"It accepts 97.7 % {' and '.join(INTERVALS)} of impostor comparisons in 若年女性 {INTERVALS[0]}。"
    for width in range(20, 90):
        lines = printed(said, width)
        assert all(any(interval in line for line in lines) for interval in INTERVALS)
        assert " ".join(line.strip() for line in lines) == said


def test_the_widest_columns_give_way_first() -> None:
    assert shared([40, 10, 30], [5, 5, 25], 60) == [25, 10, 25]
    assert shared([8, 9], [1, 1], 60) == [8, 9]
