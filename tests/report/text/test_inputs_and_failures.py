"""How inputs were read, where contracts come from and why images failed are codes, each with one sentence."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec
import pytest

from facegap.data.containers.place import ContainerFault
from facegap.data.contract_code import ContractCode
from facegap.data.embeddings import Outcome
from facegap.data.evaluation import Evaluation
from facegap.data.failure import FailureCode, unread
from facegap.data.image_file import NEEDED
from facegap.data.input_summary import InputCode, InputSummary
from facegap.data.statement import Statement, in_english
from facegap.models.pack import ATTRIBUTES, LANDMARKS, OTHER, SWAPPER
from facegap.report.text.contracts import CONTRACTS, contract_text
from facegap.report.text.failures import FAILURES, detail_text, failure_text
from facegap.report.text.inputs import INPUTS, input_text, source_text
from facegap.report.text.language import in_language
from facegap.report.text.names import outcome_name
from facegap.run.ordinary import FileFault
from facegap.run.remote import RemoteFault
from report.text.pseudo import PSEUDO, unbracketed

VALUES: dict[str, Any] = {
    "folders": 2, "pattern": "fgnet", "files": 3, "dimensions": 128, "genuine": 10, "impostor": 20, "folds": 10,
    "columns": 4, "size": 112, "genuine_file": "gen.txt", "impostor_file": "imp.txt", "comparisons": 30, "images": 7,
    "templates": 5, "subjects": 4, "attributes": ["race", "age"], "paths": 2, "kept": 6, "most": 9, "preset": "sface",
    "file": "net.onnx", "steps": "Sub 127.5", "others": ["adaface", "magface"], "manifest": "pack.json",
    "place": "/buffalo", "left_out": [[f"{k}.onnx", kind] for k, kind in enumerate((LANDMARKS, ATTRIBUTES, SWAPPER))],
    "left_out_in_all": 4, "error": "oops", "program": "gunzip", "bytes": 12_000, "method": 9, "byte": 70_000,
    "step": "b'c'", "pairs": 5, "format": "HEIF", "install": "pip", "pixels": 10_000, "room": 900, "per_pixel": 4.5,
    "width": 640, "height": 480, "searched_width": 320, "searched_height": 240, "faces": 2, "given": ["1", "two"],
    "left": 1.0, "top": 2.0, "right": 3.0, "bottom": 4.0, "length": 1e30, "shortest": 1e-15, "longest": 1e6,
    "model": "dlib", "outcomes": ["unreadable", "no face found"], "of_each": [1, 6], "seconds": 30.0, "scheme": "s3",
    "package": "s3fs", "status": 403,
}  # fmt: skip
"""What the sentences may give, by name."""

NAMES = ("fgnet", "gen.txt", "imp.txt", "race", "age", "sface", "net.onnx", "Sub", "adaface", "magface", "pack.json",
         "/buffalo", "onnx", "oops", "gunzip", "b'c'", "pip", "two", "dlib", "e+30", "s3", "s3fs",
         "fsspec", "install")  # fmt: skip

ROOMS: tuple[tuple[tuple[type[StrEnum], ...], dict, Callable[[Statement], str]], ...] = (
    ((ContractCode,), CONTRACTS, contract_text),
    ((FailureCode, FileFault, ContainerFault, RemoteFault), FAILURES, failure_text),
)
EVERY = [(code, words) for codes, _, words in ROOMS for kind in codes for code in kind]
QUOTED = (FailureCode.QUOTED, ContainerFault.QUOTED, RemoteFault.QUOTED)
"""Codes of what other programs say."""


def summary(*found: Statement) -> InputSummary:
    return InputSummary("people", "photos", "folders", found)


def test_every_code_has_a_sentence_of_its_own() -> None:
    for codes, sentences, _ in ROOMS:
        assert set(sentences) == {code for kind in codes for code in kind}
        assert len(sentences) == sum(len(kind) for kind in codes)
    assert set(INPUTS) == set(InputCode) - {InputCode.PLACE}
    shared = set(INPUTS) & set(CONTRACTS) | set(CONTRACTS) & set(FAILURES) | set(INPUTS) & set(FAILURES)
    assert shared == set(), "errors look a code up in all of them"


@pytest.mark.parametrize(("code", "words"), EVERY)
def test_a_sentence_can_be_translated(code: StrEnum, words: Callable[[Statement], str]) -> None:
    said = Statement.of(code, **VALUES)
    assert words(said) != code
    assert words(said) == in_english(said)
    with in_language(PSEUDO):
        translated = words(said)
        assert in_english(said) != translated or code in QUOTED
    assert unbracketed(translated, *NAMES) == set()
    assert ("⟦" in translated) == (code not in QUOTED)


@pytest.mark.parametrize("code", INPUTS)
def test_how_an_input_was_read_can_be_translated(code: InputCode) -> None:
    one = summary(Statement.of(code, **VALUES))
    assert input_text(one) == f"photos: {in_english(one.found[0])}" != f"photos: {code}"
    with in_language(PSEUDO):
        assert unbracketed(input_text(one), *NAMES, "photos") == set()


@pytest.mark.parametrize("kind", NEEDED)
def test_each_format_that_needs_a_package_has_a_sentence(kind: str) -> None:
    said = Statement.of(FailureCode.FORMAT_NOT_INSTALLED, format=kind, install=NEEDED[kind])
    assert failure_text(said).endswith(f" image, which cannot be decoded here: {NEEDED[kind]}")


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_can_be_translated(outcome: Outcome) -> None:
    with in_language("ja"):
        assert outcome_name(outcome.label) != outcome.label


def test_every_kind_of_network_that_a_pack_holds_has_a_name() -> None:
    networks = [[kind, kind] for kind in (LANDMARKS, ATTRIBUTES, SWAPPER, OTHER)]
    said = Statement.of(ContractCode.PACK, place="p", file="f", left_out=networks, left_out_in_all=4)
    assert contract_text(said).endswith("swapper (swapper), not known (not known)")


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ([("file-name-prefixes", {})], "file-name prefixes"),
        (
            [("a", {}), ("images", {"images": 1, "templates": None, "subjects": 1}), ("utf-16", {})],
            "a, 1 image of 1 subject; read as UTF-16",
        ),
        (
            [("table", {}), ("embeddings", {"images": 9, "templates": 2, "subjects": 1}), ("respelt", {"paths": 1})],
            "table, 9 embeddings in 2 templates of 1 subject; 1 path found in another spelling (case, accents or "
            "backslashes)",
        ),
        (
            [("table-in-files", {"files": 1}), ("attributes", {"attributes": ["a", "b"]})],
            "table in 1 file; attributes: a, b",
        ),
    ],
)  # fmt: skip
def test_one_line_says_all(found: list[tuple[str, dict[str, Any]]], text: str) -> None:
    assert input_text(summary(*(Statement.of(code, **values) for code, values in found))) == f"photos: {text}"


def test_what_is_written_holds_no_sentence_and_is_read_again(evaluation: Evaluation) -> None:
    plain = msgspec.json.decode(evaluation.to_json())
    assert plain["sources"]["summary"] == ["place; file-name-prefixes; images; attributes"]
    assert plain["failures"]["detail_values"][0] == {"width": 640, "height": 480}
    read = Evaluation.from_json(evaluation.to_json())
    assert source_text(read.sources.row(0, named=True)) == (
        "photos/general: file-name prefixes, 300 images of 140 subjects; attributes: sex, age"
    )
    assert detail_text(read.failures.row(0, named=True)) == "no face in 640 x 480 pixels"
    with in_language("ja"):
        assert "640" in detail_text(read.failures.row(0, named=True)) != "no face in 640 x 480 pixels"


def test_the_sentences_of_an_older_report_are_shown_as_they_are(evaluation: Evaluation) -> None:
    plain = msgspec.json.decode(evaluation.to_json())
    del plain["failures"]["detail_values"], plain["sources"]["summary_values"]
    plain["failures"]["detail"] = ["broken; really", *[""] * (evaluation.failures.height - 1)]
    plain["sources"]["summary"] = ["a; b: table, 2 images of 2 subjects"]
    read = Evaluation.from_json(msgspec.json.encode(plain))
    with in_language(PSEUDO):
        assert [detail_text(row) for row in read.failures.head(2).to_dicts()] == ["broken; really", ""]
        assert source_text(read.sources.row(0, named=True)) == "a; b: table, 2 images of 2 subjects"


def test_what_the_system_says_is_quoted() -> None:
    assert failure_text(unread(FileNotFoundError(2, "No such file or directory"))) == "No such file or directory"
    assert failure_text(unread(ValueError("embedded null byte"))) == "embedded null byte"
    assert failure_text(unread(OSError())) == "cannot be opened"
