"""In a pseudo-language all words that a reader sees stand in brackets, but names, codes and what tables bring."""

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from facegap.cli.app import main
from facegap.cli.console import Terminal
from facegap.cli.evaluate import show
from facegap.cli.outputs import CARD, LOOKALIKE_PAGE, RATIO_SVG
from facegap.data.evaluation import Evaluation
from facegap.data.statement import values_of
from facegap.jobs.model_card import LearningSource, model_card, threshold_fact
from facegap.jobs.proof import Proof
from facegap.jobs.proving import prove
from facegap.jobs.split import split_subjects
from facegap.jobs.study import Study
from facegap.jobs.verify.evidence import FalseMatch, ThresholdRate
from facegap.jobs.verify.verifying import Comparison, Threshold, Verification, VerifiedImage
from facegap.report.charts.figures import Figures, figures_of
from facegap.report.page.faces import shown_faces
from facegap.report.page.lookalike_page import lookalike_page
from facegap.report.page.page import render
from facegap.report.text import cards, on_the_way
from facegap.report.text.language import in_language
from facegap.report.text.phrases import claim, numbers
from jobs.check.made import difference, metric, models
from jobs.check.made import evaluation as made_evaluation
from jobs.plan.crowd import draw
from jobs.test_proof import judged
from metrics.asked_for import asked_study
from report.filled import filled
from report.text.pseudo import PSEUDO, bracketed, unbracketed

CODES = (
    "facegap", "fmr", "fnmr", "tar", "auc", "eer", "FMR max/min", "FMR max/geomean", "FNMR max/min", "FNMR max/geomean",
    "FDR", "IR", "GARBE", "cosine", "euclidean", "sha",
)  # fmt: skip
"""What is called the same in every language: measures, comparators, and marks of rules."""

BROUGHT = {
    "failures": ("path", "subject"),
    "sources": ("name", "path", "layout"),
    "subjects": ("subject",),
    "extremes": ("subject_a", "subject_b", "path_a", "path_b"),
}
"""The columns of an evaluation that hold names."""


@pytest.fixture(autouse=True)
def _pseudo() -> Iterator[None]:
    with in_language(PSEUDO):
        yield


@pytest.fixture(scope="module")
def small(make_evaluation: Callable[..., Evaluation]) -> Evaluation:
    return filled(make_evaluation(cohorts=("general", "若年女性")))


@pytest.fixture(scope="module")
def figures(small: Evaluation) -> Figures:
    with in_language(PSEUDO):
        return figures_of(small)


@pytest.fixture
def run(monkeypatch, capsys) -> Callable[..., str]:
    """Return a function that runs a command and returns what it prints, on lines of any length."""

    def run(*arguments: str | Path) -> str:
        monkeypatch.setattr(sys, "argv", ["facegap", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "2000")
        with pytest.raises(SystemExit):
            main()
        printed = capsys.readouterr()
        assert printed.err == ""
        return printed.out

    return run


def texts_in(values: object) -> Iterator[str]:
    """Yield the texts among values: the names that a finding is about."""
    if isinstance(values, str):
        yield values
    elif isinstance(values, Iterable):
        for value in values.values() if isinstance(values, dict) else values:
            yield from texts_in(value)


def names_in(evaluation: Evaluation) -> list[str]:
    """Return the names, and the words that are part of the tables."""
    columns = [getattr(evaluation, table)[name] for table, names in BROUGHT.items() for name in names]
    found = [evaluation.name, evaluation.notice, *evaluation.models["model"], *evaluation.cohorts["cohort"]]
    found += [text for column in columns for text in column]
    cells = [evaluation.findings["values"], evaluation.failures["detail_values"], evaluation.sources["summary_values"]]
    found += [*texts_in([values_of(text) for column in cells for text in column])]
    return [*dict.fromkeys(found), *CODES]


class Words(HTMLParser):
    """Collects what a reader of a page sees, or hears, but lists of facts, which hold names and codes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.in_one_word = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "img", "input", "br", "wbr"}:
            self.open.append("facts" if ("class", "facts") in attrs else tag)
        self.in_one_word = tag == "wbr"
        self.texts += [value for name, value in attrs if value and name in ("title", "aria-label", "alt")]

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not {"script", "style", "code", "facts"} & set(self.open):
            self.texts[-1:] = [self.texts[-1] + data] if self.in_one_word else [*self.texts[-1:], data]
            self.in_one_word = False


def test_brackets_leave_values_outside() -> None:
    assert bracketed("{part} of {total}") == "{part}⟦ of ⟧{total}"
    assert unbracketed("⟦at FMR ⟧0.001 in general", "general") == {"in"}


def test_the_page(small: Evaluation, figures: Figures) -> None:
    page = render(small, figures, shown_faces(small), None)
    assert '<html lang="en-XA">' in page
    assert "⟦This chart could not be drawn; see the folder charts.⟧" in page
    assert unbracketed("\n".join(Words(page).texts), *names_in(small)) == set()


def test_charts(small: Evaluation, figures: Figures) -> None:
    def words(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            for key, value in part.items():
                yield from [value] if key == "title" and isinstance(value, str) else words(value)
        elif isinstance(part, list):
            for value in part:
                yield from words(value)

    every = figures.every
    texts = [text for figure in every for text in (figure.title, figure.caption)]
    texts += [text for figure in every for chart in figure.views.values() for text in words(chart.to_dict())]
    assert len(texts) > len(every)
    assert unbracketed("\n".join(texts), *names_in(small)) == set()


def untitled(chart: dict) -> Iterator[str]:
    """Yield the columns whose names a chart of layers shows for want of a title; layers share those of their axes."""
    layers = [layer["encoding"] for layer in chart["layer"] if "encoding" in layer]
    for axis in ("x", "y"):
        shown = [layer[axis] for layer in layers if "field" in layer.get(axis, {})]
        yield from (one["field"] for one in shown[:1] if not any("title" in other for other in shown))
    for layer in layers:
        tips = layer.get("tooltip", [])
        yield from (one["field"] for one in (tips if isinstance(tips, list) else [tips]) if "title" not in one)


def test_no_chart_shows_the_name_of_a_column(figures: Figures) -> None:
    charts = [chart.to_dict() for figure in figures.every for chart in figure.drawn.values()]
    assert len(charts) > 10
    assert [name for chart in charts for name in untitled(chart)] == []
    assert [*untitled({"layer": [{"encoding": {"x": {"field": "cohort"}, "tooltip": {"field": "n"}}}]})] == [
        "cohort",
        "n",
    ]


def test_evaluate_in_the_terminal(small: Evaluation) -> None:
    out, files = io.StringIO(), [Path(path).name for paths in small.findings["paths"] for path in paths]
    show(Terminal(file=out, width=2000), small, "index.html")
    assert unbracketed(out.getvalue(), *names_in(small), *files, "index.html") == set()


def test_metrics_that_were_asked_for() -> None:
    asked = asked_study(["hter", "dcf:c_miss=1,c_false=10,prior=0.01", "min_dcf:c_miss=1,c_false=10,prior=0.01"])
    measured = asked.evaluation
    page = render(measured, figures_of(measured), shown_faces(measured), None)
    assert {"⟦HTER⟧", "⟦Minimum DCF⟧"} <= set(Words(page).texts)
    assert unbracketed("\n".join(Words(page).texts), *names_in(measured)) == set()
    lines = [text for row in measured.differences.iter_rows(named=True) for text in (claim(row, 0.95), numbers(row))]
    assert unbracketed("\n".join(lines), *names_in(measured)) == set()


def test_a_run_under_way() -> None:
    said = [on_the_way.heat_text(None, 72), on_the_way.heat_text(80, 72), on_the_way.embedding_name(["dlib", "new"])]
    assert unbracketed("\n".join(said), "dlib", "new") == set()


def test_the_store(run: Callable[..., str], tmp_path: Path) -> None:
    for option in ("--list", "--prune", "--share"):
        assert unbracketed(run("store", tmp_path, option), str(tmp_path)) == set()


def test_check(run: Callable[..., str], tmp_path: Path) -> None:
    made = made_evaluation(
        [
            metric("auc", 0.95, 0.9, 0.98),
            metric("fnmr", None, at="shipped"),
            metric("images", 1200.0),
            *(metric("auc", 0.9, model="old", cohort=cohort) for cohort in ("general", "all")),
        ],
        [difference(0.031, 0.012, 0.05), models(-0.03, -0.05, None), models(0.02, 0.01, 0.03, cohort_a="x")],
        models=("new", "old"),
    )
    (tmp_path / "evaluation.json").write_bytes(made.to_json())
    rules = [
        "auc[general, new] >= 0.8",
        "auc[general, new] >= 0.97",
        "auc[general, new] >= 0.99",
        "images[general, new] >= 1000",
        "images[general, new] <= 1000",
        "fnmr@shipped[general, new] <= 0.05",
        "auc[young-women, new] >= 0.8",
        "auc_gap(general - young-women)[new] <= 0.01",
        "better(new, old, auc)[general]",
        "not_worse(new, old, auc, 0.1)[general]",
    ]
    junit = tmp_path / "rules.xml"
    said = run("check", tmp_path, *(part for rule in rules for part in ("--rule", rule)), "--junit", junit)
    assert said.count("⟦") > 2 * len(rules)
    known = [*names_in(made), *rules, "auc", "new", "old"]
    assert unbracketed(said, *known) == set()
    messages = [line for line in junit.read_text(encoding="utf-8").splitlines() if "message=" in line]
    marks = ("failure", "type", "message", "holds", "fails", "can't tell", "skipped")
    assert unbracketed("\n".join(messages), *known, *marks) == set()


def test_plan(run: Callable[..., str], tmp_path: Path) -> None:
    subject, (vectors,) = draw(40, 4, np.random.default_rng(1))
    people = tmp_path / "people.npz"
    np.savez(people, embedding=vectors, subject=[f"s{s:02}" for s in subject])
    said = run("plan", people, "--gap", "auc=0.02", "--resolve", "fmr=1e-3", "--images", "2", "--workers", "1")
    assert unbracketed(said, "AUC", "FMR", "saved embeddings", "people", str(people)) == set()


def test_audit_and_calibrate(run: Callable[..., str], tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    subject = np.repeat([f"s{i:02}" for i in range(30)], 4)
    vectors = np.repeat(rng.normal(size=(30, 16)), 4, axis=0) + 0.5 * rng.normal(size=(120, 16))
    people, few, out = tmp_path / "people.npz", tmp_path / "few.npz", tmp_path / "audit.csv"
    wrong = subject.copy()
    wrong[[0, 9]] = "s20"
    np.savez(people, embedding=vectors.astype(np.float32), subject=wrong)
    np.savez(few, embedding=vectors[:40].astype(np.float32), subject=subject[:40])
    names = ("people.npz", "few.npz", "saved embeddings", "people", "npz", str(out), "wrong-label", "one-person",
             "two-people", "odd-image")  # fmt: skip
    for file in (people, few):
        said = run("audit", file, "--out", out, "--workers", "1")
        assert unbracketed(said, *names, str(file)) == set()
        rows = pl.read_csv(out)
        assert unbracketed("\n".join((*rows["action"], *rows["reason"]))) == set()
    made = tmp_path / "calibration.json"
    said = run("calibrate", people, "-o", made, "--workers", "1")
    assert unbracketed(said, *names, str(people), str(made)) == set()
    assert RATIO_SVG.wrote(made.with_suffix(".svg"))


def test_verify() -> None:
    from facegap.cli.verify import _show

    photos = (
        VerifiedImage("a.jpg", "ok"),
        VerifiedImage("b.jpg", "no face found", "no-face", {"width": 9, "height": 9}),
    )
    rates = (ThresholdRate("fmr", 0.2, 0.15, 0.25, True), ThresholdRate("fnmr", 0.6, 0.55, 0.65, True))
    comparisons = (
        Comparison("a.jpg", "b.jpg", 0.4, True, FalseMatch(0.01, 0.005, 0.02), 2.0),
        Comparison("a.jpg", "b.jpg", 0.4, False, FalseMatch(None, None, 0.02, below=0.001), -2.0, True),
        Comparison("a.jpg", "b.jpg", None),
    )
    for unit, threshold in (
        ("distance", Threshold(0.6, None)),
        ("similarity", Threshold(0.4, 0.01)),
        ("distance", None),
    ):
        known = rates if threshold else ()
        found = Verification("dlib", "x", unit, photos, threshold, comparisons, "general", 30, 0.95, known)
        out = io.StringIO()
        _show(Terminal(file=out, width=2000), found)
        assert unbracketed(out.getvalue(), "a.jpg", "b.jpg", "dlib", "general") == set()


@pytest.fixture(scope="module")
def proofs() -> list[Proof]:
    better, worse = {"old": 0.7, "new": 2}, {"old": 1.2, "new": 1.0}
    found = [judged(better, worse), judged({"old": 1.0, "new": 0.6}), judged(better, subjects=3)]
    with in_language(PSEUDO):
        return [prove(one, Study([]), old="old", new="new", margin=1) for one in found]


def test_proofs_and_cards(proofs: list[Proof]) -> None:
    people = judged({"old": 0.7, "new": 2}).found.manifest
    split = split_subjects(people, [], held_out=0.3, seed=0)
    source = LearningSource(people, split, split.note, 9, "0f", Study([]))
    for proof in proofs:
        facts = [threshold_fact(proof.suggested), *cards.contract(128, "cosine", "whole", 224), cards.licence("")]
        card = model_card("m.onnx", source, proof, what=cards.trained(proof.target), facts=facts)
        rule = (proof.suggested.rule, proof.suggested.cohort) if proof.suggested else ()
        known = ("m.onnx", "old", "new", "ours", "others", "cosine", "whole", *rule)
        assert CARD.holds[0] in card.encode()
        shown = card[: card.rindex("<!--")]
        assert unbracketed("\n".join((shown, proof.evaluation.notice, *proof.sentences)), *known) == set()


def test_lookalikes() -> None:
    row = {"model": "dlib", "rank": 1, "score": 0.5, "suspicion": "", "path_a": "a.jpg", "subject_a": "Aoi",
           "cohort_a": "x", "path_b": "b.jpg", "subject_b": "Ren", "cohort_b": "x"}  # fmt: skip
    found = pl.DataFrame([{**row, "suspicion": kind} for kind in ("", "same-file", "one-person", "wrong-label")])
    page = lookalike_page(found, name="people")
    assert LOOKALIKE_PAGE.holds[0] in page.encode()
    texts = Words(page).texts
    assert unbracketed("\n".join(texts), "dlib", "Aoi", "Ren", "people", "a.jpg", "b.jpg", "facegap") == set()
