"""Names of people, cohorts, models and files are data: nothing that they hold is obeyed, and nothing breaks on them."""

import csv
import io
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import altair as alt
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegap.cli.app import main
from facegap.cli.console import Terminal
from facegap.cli.terminal import Bars, print_summary
from facegap.data.manifest import Manifest
from facegap.datasets import read
from facegap.errors import InputError
from facegap.jobs.check import check, junit_xml
from facegap.jobs.split import Role, Split, write_split
from facegap.report.charts.charts import data
from facegap.report.charts.drawing import page_spec, png, svg
from facegap.report.page.page import environment
from facegap.run.spreadsheet import spreadsheet_safe
from facegap.run.text import natural
from facegap.run.visible import in_one_line, shown
from jobs.check.made import evaluation, metric

ESCAPE = "\x1b]0;evil\x07"
HOSTILE = [
    *("a\x0b", "\x1b[32m", ESCAPE, "x\\[/b]", "[/b]", "[red]", "a\x00b", "\x7f\x9b", "a\u202eb", "\ufffe", "a\u2028b"),
    *('<script>alert("x")</script>', "</script>", "&amp;", "a\nb", "a\rb", "a\tb", ":smile:", "=1+1", "9" * 5000),
]
CONTROL = {chr(n) for n in (*range(32), *range(127, 160))} - {"\n", "\t"}


def drawn_with(name: str) -> alt.LayerChart:
    rows = data(pl.DataFrame({"x": [1, 2], "y": [2, 1], "series": [name, "b"]}))
    colour = alt.Color("series:N", scale=alt.Scale(domain=[name, "b"]))
    return alt.LayerChart(layer=[alt.Chart(rows).mark_line().encode(x="x:Q", y="y:Q", color=colour)])


@given(st.text(alphabet=st.characters(codec=None)))
def test_what_is_shown_has_no_control_character_and_is_legal_xml(name: str) -> None:
    made = shown(name)
    assert not set(made) & CONTROL
    assert shown(made) == made
    assert len(in_one_line(name).splitlines()) <= 1
    ElementTree.fromstring(f"<a>{made.replace('&', '').replace('<', '')}</a>")
    made.encode()


def test_names_that_need_no_care_stay_as_they_are() -> None:
    for name in ("若年女性", "Ærøskøbing", "علی\u200cرضا", "🧑🏽‍🦱", "[/b]", "=1+1", "a  b"):
        assert shown(name) == in_one_line(name) == name


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_chart_takes_any_name(name: str) -> None:
    """A control character in a legend ends the whole process in the chart library."""
    chart = drawn_with(name[:100])  # legends have short names, titles whole ones
    drawn = svg(chart, f"{name} in {name}")
    ElementTree.fromstring(drawn)
    assert png(drawn).startswith(b"\x89PNG")
    spec, (rows,) = page_spec(chart, "sans-serif")
    domain = spec["layer"][0]["encoding"]["color"]["scale"]["domain"]
    assert domain == rows.frame["series"].to_list()


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_a_chart_takes_any_text(name: str) -> None:
    ElementTree.fromstring(svg(drawn_with(name), name))


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_the_terminal_shows_a_name_and_obeys_it_never(name: str) -> None:
    out = io.StringIO()
    console = Terminal(file=out, width=200, force_terminal=True, color_system=None)
    console.print(f"Report: {name}", style="bold")
    console.say(name)
    print_summary(console, [{"Model": name, "Cohort": name, **dict.fromkeys(_columns(), "0.9")}])
    with Bars(console) as bars:
        bars(f"embedding with {name}", 1, 2)
    printed = out.getvalue()
    assert "evil\x07" not in printed
    assert not (set(printed) & CONTROL) - {"\x1b", "\r"}  # rich's own, of its bars
    assert "[32m" not in printed or "\\x1b[32m" in printed
    assert shown(name)[:20].split("\n")[0].expandtabs() in printed or "\t" in name


def _columns() -> tuple[str, ...]:
    from facegap.cli.terminal import PARTS

    return sum(PARTS, ())


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_junit_takes_any_name(name: str) -> None:
    made = evaluation([metric("auc", 0.95, 0.9, 0.98)], notice=name)
    found = [replace(one, rule=name, where=name) for one in check(made, ["auc[general] >= 0.99"])]
    data = junit_xml(found, [name], allow_undecided=False, properties={"evaluation": name})
    case = ElementTree.fromstring(data).find(".//testcase")
    assert case is not None
    assert case.get("name") == shown(name)


def test_a_page_shows_no_control_character_whatever_the_filter() -> None:
    made = environment({ESCAPE: ESCAPE}).from_string('{{ n }}{{ n|short|e|replace("_", "<wbr>"|safe) }}<a b="{{ n }}">')
    assert made.render(n=f"{ESCAPE}<b>").count("\\x1b]0;evil\\x07&lt;b&gt;") == 3
    assert not set(made.render(n=ESCAPE)) & CONTROL


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", '=HYPERLINK("http://x";"a")'])
def test_no_cell_of_a_csv_begins_as_a_formula_does(name: str) -> None:
    frame = pl.DataFrame({"subject": [name, "a=1", None], "score": [-1.0, 2.0, None]})
    rows = list(csv.reader(io.StringIO(spreadsheet_safe(frame).write_csv(), newline="")))
    assert rows == [["subject", "score"], [f"'{name}", "-1.0"], ["a=1", "2.0"], ["", ""]]


def test_a_split_is_written_safely(tmp_path: Path) -> None:
    frame = pl.DataFrame({"path": ["-a.png", "b.png"], "subject": ["=1", "b"], "cohort": ["@c", "@c"]})
    split = Split(np.array([str(Role.TRAIN)] * 2), "")
    write_split(split, Manifest(frame, ("@c",), "made"), tmp_path / "split.csv")
    assert "'-a.png,'=1,'@c,train" in (tmp_path / "split.csv").read_text()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Embeddings of people whose names are formulas and escape sequences, in cohorts of such names."""
    rng = np.random.default_rng(0)
    place = tmp_path_factory.mktemp("people") / "people.npz"
    base = np.repeat(rng.normal(size=(40, 8)), 3, axis=0)
    names = np.repeat([f"=HYPERLINK({n}){ESCAPE}[/b]" for n in range(40)], 3)
    cohorts = np.repeat([f"c{ESCAPE}", "9" * 5000], 60)
    vectors = base + 0.7 * rng.normal(size=base.shape)
    np.savez(place, embedding=vectors.astype(np.float32), subject=names, cohort=cohorts)
    return place


@pytest.mark.parametrize("command", ["audit", "lookalikes"])
def test_a_list_of_hostile_names(command: str, people: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    out = tmp_path / ("list.csv" if command == "audit" else "list.html")
    monkeypatch.setattr(sys, "argv", ["facegap", command, str(people), "-o", str(out)])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 0
    printed = capsys.readouterr().out
    assert not set(printed) & CONTROL
    with out.with_suffix(".csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert all(row["subject_a"].startswith("'=HYPERLINK") for row in rows)
    if command == "lookalikes":
        assert not set(out.read_text(encoding="utf-8")) & CONTROL


def test_numbers_in_names_of_any_length_sort_as_numbers() -> None:
    names = ["9" * 5000, "10", "9", "age 10", "age 9", "٣", "4", "007", "1" * 5000]
    assert sorted(names, key=natural)[:6] == ["٣", "4", "007", "9", "10", "1" * 5000]
    assert natural("0012") == natural("12")


def test_attributes_called_like_patterns_are_columns(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "t.csv").write_text("path,subject,^.*$,*\na.png,Anna,x,1\nb.png,Bert,y,2\n")
    found = read([tmp_path / "t.csv"], cohort_by=["^.*$"])
    assert found.cohorts == ("x", "y")
    assert found.frame["*"].to_list() == ["1", "2"]


def test_subjects_that_are_nan_are_no_person(tmp_path: Path) -> None:
    np.savez(tmp_path / "s.npz", embedding=np.eye(3), subject=np.array([1.0, np.nan, np.nan]))
    with pytest.raises(InputError, match="row 2: the subject is empty"):
        read([tmp_path / "s.npz"])
    np.savez(tmp_path / "s.npz", embedding=np.eye(3), subject=np.arange(3), age=np.array([30.0, np.nan, 40.0]))
    assert read([tmp_path / "s.npz"], cohort_by=["age"]).cohorts == ("30.0", "40.0", "unknown")
