"""A reader of Japanese meets no English by accident: in no message, not in the page, and not in the terminal."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from facegap.cli.console import Terminal
from facegap.cli.evaluate import show
from facegap.data.evaluation import Evaluation
from facegap.report.charts.figures import figures_of
from facegap.report.page.faces import shown_faces
from facegap.report.page.page import render
from facegap.report.text.language import in_language
from report.filled import filled
from report.text.test_pseudo_language import Words, names_in
from report.text.test_translations import messages_of

ROOT = Path(__file__).parents[3]

SYMBOLS = (
    "AUC", "Cllr", "DCF", "DET", "EER", "FAR", "FDR", "FMR", "FNMR", "FPR", "FRR", "FTA", "GARBE", "HTER", "IR", "MB",
    "ROC", "TAR", "TPR", "URL", "UTC", "minCllr", "minDCF", "max", "min", "geomean", "pAUC", "px",
)  # fmt: skip
"""What stands for a measure or a unit in every language."""

NAMES = (
    "AVIF", "ArcFace", "Bengio", "CPU", "Dunstone", "EPS", "Freitas", "GPU", "HEIC", "HEIF", "Holm", "Howard", "ID",
    "InsightFace", "JIS", "JPEG", "JavaScript", "LDA", "Marcel", "Mariéthoz", "NIST", "ONNX", "PNG", "Pereira",
    "RecordIO", "SVG", "Shift", "TOML", "UTF", "Unicode", "Wilson", "XL", "Yager", "ZIP", "bob", "cp", "deflate",
    "dlib", "facegap", "pickle", "sha", "timm", "torch",
)  # fmt: skip
"""People, makers, formats and programs."""

WRITTEN = (
    r"none から選",
    r"（(facegap)? *adapt）|SP 800-63B",
    r"facegap evaluate|facegap inspect FILE\.onnx --on DATA|FACEGAP_STORE|COHORT/SUBJECT/|NAME=|'hard'|`same`",
    r"--[a-z-]+ (fmr=1e-4,fnmr=0\.02|jackknife)",
    r"--[a-z-]+( (cohort-folders|folders|none|general|fmr=1e-3|sface|cuda|box|subjects|REGEX))?",
    r"study\.toml|pip install 'facegap\[gpu\]'|(path|subject)_[ab]|(列|属性) fold|charts/?|evaluation\.(json|parquet)",
)
"""What is typed or written as it is: commands, options, columns and files."""

TERMS = ("actual DCF", "fairness discrepancy rate", "inequity rate", "Gini aggregation rate", "square-and-add",
         "et al", "de Freitas")  # fmt: skip
"""Terms that papers are found by, given beside the Japanese or without one."""


@pytest.fixture(autouse=True)
def _japanese() -> Iterator[None]:
    with in_language("ja"):
        yield


@pytest.fixture(scope="module")
def small(make_evaluation: Callable[..., Evaluation]) -> Evaluation:
    return filled(make_evaluation(cohorts=("一般", "若年女性")))


def english(text: str, *names: str) -> set[str]:
    """Return the words of a text in Latin letters, but names and what is excused."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = re.sub(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", " ", text)
    for excused in (*WRITTEN, *map(re.escape, TERMS)):
        text = re.sub(excused, " ", text)
    return set(re.findall(r"[A-Za-zé]{2,}", text)) - {*SYMBOLS, *NAMES}


def test_english_is_seen() -> None:
    assert english("FMR（at the shipped threshold）、dlib") == {"at", "the", "shipped", "threshold"}
    assert english("--layout folders を指定。people") == {"people"}


def test_messages() -> None:
    said = [
        re.sub(r"<[^>]+>|&\w+;|\{\w+[^{}]*\}", " ", text)
        for message, _english, texts in messages_of("ja")
        if any("/report/" in place for place, _line in message.locations)
        for text in texts
    ]
    assert {text: words for text in said if (words := english(text))} == {}


def test_every_message_has_japanese_words() -> None:
    """Those of errors quote options, files and other words of programs, so their English is not looked for."""
    said = [
        text
        for message, english, texts in messages_of("ja")
        if not any("/report/" in place for place, _line in message.locations)
        and re.search(r"[a-z]{3} [a-z]{2}", re.sub(r"\{[^{}]*\}", "", english[0]))
        for text in texts
    ]
    assert said
    assert [text for text in said if not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text)] == []


def test_brackets_around_japanese_are_of_full_width() -> None:
    kana = "[\u3040-\u30ff\u4e00-\u9fff]"
    narrow = re.compile(rf"{kana}\(|{kana}.* \(| \(.*{kana}")
    assert [text for _message, _english, texts in messages_of("ja") for text in texts if narrow.search(text)] == []


def test_the_glossary_lists_what_is_written() -> None:
    rows = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").split("## In Japanese")[1].splitlines()
    terms = [term for row in rows if row.startswith("| ") for term in row.split(" | ")[1].split("、")][1:]
    said = "\n".join(text for _message, _english, translated in messages_of("ja") for text in translated)
    assert len(terms) > 30
    assert [term for term in terms if term not in said] == []


def test_the_page(small: Evaluation) -> None:
    page = render(small, figures_of(small), shown_faces(small), None)
    assert '<html lang="ja">' in page
    assert english("\n".join(Words(page).texts), *names_in(small)) == set()


def test_the_terminal(small: Evaluation) -> None:
    out, files = io.StringIO(), [Path(path).name for paths in small.findings["paths"] for path in paths]
    show(Terminal(file=out, width=2000), small, "index.html")
    assert english(out.getvalue(), *names_in(small), *files, "index.html") == set()
