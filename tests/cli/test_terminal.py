"""The summary in terminals of any width."""

import io

import pytest

from facegap.cli.console import Terminal
from facegap.cli.terminal import PARTS, print_summary

COLUMNS = sum(PARTS, ())


def printed(width: int, text: str) -> str:
    rows = [{"Model": "mobilefacenet_ms1m_112", "Cohort": "若年女性", **dict.fromkeys(COLUMNS, text)}]
    out = io.StringIO()
    print_summary(Terminal(file=out, width=width), rows)
    return out.getvalue()


@pytest.mark.parametrize("text", ["0.942", "16.7 % [14.2 %, 19.5 %]"])
@pytest.mark.parametrize("width", [80, 120, 150, 240])
def test_no_column_is_cut_off_and_none_is_missing(width: int, text: str) -> None:
    lines = printed(width, text).splitlines()
    assert max(map(len, lines)) <= width
    shown = "\n".join(lines)
    assert shown.count(text) == len(COLUMNS)
    assert all(shown.count(f" {column}") >= 1 for column in COLUMNS)


def test_a_wide_terminal_has_one_table_and_intervals_take_more() -> None:
    assert printed(160, "0.942").count("Cohort") == 1
    assert (
        1 < printed(160, "0.942 [0.915, 0.961]").count("Cohort") < printed(80, "0.942 [0.915, 0.961]").count("Cohort")
    )
