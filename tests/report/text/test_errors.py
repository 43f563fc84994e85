"""Errors are said in every language: templates are literal, values hold no English words, and nested ones follow."""

import ast
import pickle
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import facegap
from facegap import errors
from facegap.data.containers.place import ContainerError, ContainerFault
from facegap.data.finding import Finding, FindingCode
from facegap.data.input_summary import InputCode
from facegap.data.statement import Statement
from facegap.errors import FacegapError, InputError, ModelError, StoreError, WorkerLost, nphrase
from facegap.report.text.errors import error_text
from facegap.report.text.findings import with_findings
from facegap.report.text.language import in_language
from facegap.run.text import both, either, first_few
from report.text.pseudo import PSEUDO
from report.text.test_language import said as makefile_said

SOURCE = Path(facegap.__file__).parent

SAID = {
    *(name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, FacegapError)),
    "Phrase", "nphrase", "fail",
}  # fmt: skip
"""What takes a template: classes, functions, and a method of the reader of dlib's files."""

PASSED_ON = {
    ("errors.py", "message"): "the message of an error",
    ("errors.py", "one if n == 1 else many"): "the phrase for a number",
    ("run/refused_file.py", "fault.message"): "the message of a fault, which is listed where it is named",
    ("models/dlib/values.py", "reason"): "the reason of `fail`",
    ("run/text.py", "template"): "one of the templates below it",
    ("cli/result.py", "outcome"): "the label of an outcome, which report.text.names lists",
    ("cli/inspect.py", "crop.outcome.label"): "the label of an outcome, which report.text.names lists",
    ("models/pack.py", "what"): "what a network does, listed where it is named",
    ("models/pack.py", "kind"): "what a network does, listed where it is named",
}
"""Calls whose template is no literal, and why."""


@cache
def said() -> list[tuple[str, ast.Call]]:
    """Return the calls that take a template, with their files."""
    return [
        (file.relative_to(SOURCE).as_posix(), node)
        for file in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and node.args and name_of(node.func) in SAID
    ]


def test_what_takes_a_template_is_listed() -> None:
    assert {name.split(":")[0] for name in makefile_said()} == SAID


def name_of(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def literals(call: ast.Call) -> list[ast.expr]:
    """Return the arguments that are templates: `Phrase` as the argument of an error is judged by itself."""
    given = call.args[: 2 if name_of(call.func) == "nphrase" else 1]
    whole = [one for one in given if isinstance(one, ast.Call) and name_of(one.func) in SAID]
    return [one for one in given if one not in whole]


def test_every_template_is_a_literal() -> None:
    other = {
        (file, ast.unparse(one))
        for file, call in said()
        for one in literals(call)
        if not (isinstance(one, ast.Constant) and isinstance(one.value, str))
    }
    assert other == set(PASSED_ON)


def test_every_place_has_a_value() -> None:
    wrong = []
    for file, call in said():
        names = {keyword.arg for keyword in call.keywords} - {"findings"}
        names |= {"n"} if name_of(call.func) == "nphrase" else set()
        for one in literals(call):
            template = one.value if isinstance(one, ast.Constant) else None
            if isinstance(template, str) and names != {place for _, place, *_ in Formatter().parse(template) if place}:
                wrong.append((file, call.lineno, template))
    assert wrong == []


def test_values_hold_no_english_words() -> None:
    wrong = [
        (file, call.lineno, text)
        for file, call in said()
        for keyword in call.keywords
        if keyword.arg != "findings"
        for text in texts_in(keyword.value)
        if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}|[A-Za-z]{2,} $|^ [A-Za-z]{2,}", text)
    ]
    assert wrong == []


def texts_in(value: ast.AST) -> Iterator[str]:
    """Yield the texts that a value is made of, but those of phrases."""
    if isinstance(value, ast.Call) and name_of(value.func) in SAID:
        return
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    for part in ast.iter_child_nodes(value):
        yield from texts_in(part)


FOUND = [Finding.of(FindingCode.ASYMMETRIC, place="m.npy")]

EVERY = [
    InputError("{path} has no rows: a table needs a header and a row per image", path=Path("a.csv")),
    ModelError("{path}: {reason}", path="{x}", reason=InputError("{where}: the {name} is empty", where="a", name="b")),
    StoreError("the store cannot be read"),
    WorkerLost("{path} cannot be read ({reason}): check the path", path="a", reason=ValueError(open)),
    InputError("{images} to compare", images=nphrase("{n} image", "{n} images", 1), findings=FOUND),
]


@pytest.mark.parametrize("error", EVERY)
def test_an_error_crosses_processes(error: FacegapError) -> None:
    other = pickle.loads(pickle.dumps(error))
    assert (type(other), str(other)) == (type(error), str(error))
    with in_language(PSEUDO):
        assert error_text(other) == error_text(error) != str(error)


def test_a_reason_of_a_container_crosses_processes() -> None:
    error = pickle.loads(pickle.dumps(ContainerError(ContainerFault.TOO_MANY_FILES, "a.tar", most=2000)))
    assert str(InputError("{path}: {reason}", path="a.tar", reason=error.strerror)) == (
        "a.tar: it has more than 2,000 files"
    )
    encrypted = ContainerError(ContainerFault.ENCRYPTED, "a.tar")
    passed_on = InputError("{path}: {reason}", path="a.tar", reason=encrypted.strerror)
    with in_language("ja"):
        assert error_text(passed_on) == "a.tar: 暗号化されています"


def test_what_is_found_is_said_inside_an_error() -> None:
    error = InputError("{name!r} ({how}) carries no attributes", name="here", how=Statement.of(InputCode.TABLE))
    assert str(error) == "'here' (table) carries no attributes"
    with in_language("ja"):
        assert "(表)" in error_text(pickle.loads(pickle.dumps(error))) or "（表）" in error_text(error)


def test_braces_are_text_unless_there_are_values() -> None:
    assert str(InputError("write {subject} or {}")) == "write {subject} or {}"
    assert str(InputError("found {text!r}", text="{path} {0}")) == "found '{path} {0}'"
    with in_language("ja"):
        assert error_text(InputError("{path}: {reason}", path="{reason}", reason="{path}")) == "{reason}: {path}"


def test_an_error_in_an_error_is_said_in_the_language_too() -> None:
    error = InputError("rule {rule!r}: {error}", rule="x", error=InputError("{text!r} is no number", text="a"))
    assert str(error) == "rule 'x': 'a' is no number"
    with in_language(PSEUDO):
        assert error_text(error) == "⟦rule ⟧x: a⟦ is no number⟧"


def test_what_was_found_follows_in_the_language() -> None:
    error = with_findings(InputError("no data set was given", findings=FOUND))
    assert str(error).startswith("no data set was given; m.npy")
    with in_language(PSEUDO):
        assert error_text(error).startswith("⟦no data set was given⟧; m.npy⟦")


def test_a_reason_of_the_system_is_translated() -> None:
    error = InputError("{path} cannot be read ({reason}): check the path", path="a", reason="Permission denied")
    with in_language("ja"):
        assert error_text(error) == "a を読めません（権限がありません）。パスを確認してください"


def test_lists_in_errors() -> None:
    assert str(either(["a", "b", "c"])) == "a or b or c"
    assert str(both(["a", "b"])) == "a and b"
    for names, text in (([], ""), (["a", "b"], "a, b"), (["a", "b", "c", "d"], "a, b and 2 more")):
        assert str(first_few(names, 2)) == text
