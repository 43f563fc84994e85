"""Every finding and every method is a code with numbers, and has one sentence that can be translated."""

from typing import Any

import msgspec
import polars as pl
import pytest

import facegap
from facegap.data.evaluation import Evaluation
from facegap.data.finding import Finding, FindingCode
from facegap.data.statement import Statement, cell_of, statements_in, values_of
from facegap.metrics import families as families
from facegap.report.text.finding_kinds import KINDS, finding_kind
from facegap.report.text.findings import FINDINGS, finding_text, shown_findings
from facegap.report.text.language import in_language
from facegap.report.text.methods import METHODS, method_text
from facegap.stats import Method
from metrics.asked_for import asked_study
from report.text.pseudo import PSEUDO, unbracketed

VALUES: dict[str, Any] = {
    "place": "here", "files": 2, "suffixes": [".txt", ""], "of_each": [1, 1], "folders": 2, "images": 7, "rows": 2,
    "names": ["Aoi", "Ren"], "arrays": ["odd"], "unreadable": ["bad"], "errors": ["oops"], "columns": ["box", "raw"],
    "comparisons": 1200, "study": "ours", "example": "Aoi_Mori_1.png", "people": ["Aoi", "Ren"], "why": "none-alike",
    "subjects": 40, "pattern": "fgnet", "by_pattern": 9, "cohort": "young", "subject": "Aoi", "asked": False,
    "forms": [["1", "001"]], "merged": False, "cohorts": [["young"], ["old"]], "pairs": 3, "single": 7, "share": 0.3,
    "share_of_five": 0.6, "most_images": 20, "inputs": 2, "places": ["here", "there"], "looked_at": 50,
    "looks": [[640, 480, "JPEG"], [320, 240, "PNG"]], "comparator": "distance", "model": "dlib", "failed": 12,
    "size": 112, "mean": [0.5, 0.4, 0.3], "std": [1.0, 1.0, 1.0], "low": -1.0, "high": 509.0, "steps": "Sub 127.5",
    "zero": 2, "embeddings": 50, "impostor": 30, "fmr": 0.001, "metric": "fmr", "at": "shipped", "rate": 0.1,
    "of": 9, "across": ["id/selfie"], "most": 10, "touched": 3, "templates": 9, "lost": 1, "name": "Aoi",
    "nearly": "Ren", "depth": 16, "bits": 12, "white": 4095, "without": 0.05,
    "with_one_more": 0.15, "servers": ["s3://ours"], "drawn": 300, "genuine": 100, "of_genuine": 100,
    "of_impostor": 5000, "least": 1, "missing": 3, "unscored": 2, "tries": 3, "unread": 0,
}  # fmt: skip
"""What the sentences of findings may give, by name."""

NAMES = ("here", "there", "txt", "Aoi", "Ren", "odd", "bad", "oops", "box", "raw", "box_a", "box_b", "ours", "Mori",
         "Aoi_Mori_1.png", "fgnet", "id", "selfie", "young", "old", "JPEG", "PNG", "dlib", "Sub", "subject",
         "fmr")  # fmt: skip


def of_code(code: FindingCode, **more: Any) -> Finding:
    """Return a finding with whatever its sentence may ask for."""
    values = {**VALUES, **({"subjects": ["Aoi", "Ren"]} if code.kind == "label-conflict" else {}), **more}
    if code is FindingCode.PER_SUBJECT:
        values |= {"mean": 0.2, "more": 1}
    return Finding.of(code, **values)


def test_every_code_has_a_sentence() -> None:
    assert set(FINDINGS) == set(FindingCode)
    assert set(Method) <= set(METHODS)


@pytest.mark.parametrize("code", FindingCode)
def test_a_finding_is_a_sentence_that_can_be_translated(code: FindingCode) -> None:
    english = finding_text(of_code(code))
    assert english != code
    assert not {"{place}", "{cohort}", "{subjects}"} & set(english.split())
    with in_language(PSEUDO):
        said = finding_text(of_code(code))
    assert unbracketed(said, *NAMES) == set()
    assert said.count("⟦") >= 1


@pytest.mark.parametrize(
    ("code", "values", "text"),
    [
        (FindingCode.NO_IMAGES, {"files": 1}, "here: passed over 1 file, no images by their suffixes (1 .txt, 1 "),
        (FindingCode.SEVERAL_FORMS, {"subjects": 3, "merged": True}, "3 subjects in several forms: '1' = '001' and 2 "),
        (FindingCode.UNEVEN_SUBJECTS, {"most_images": 0}, "FNMR and TAR depend on few people: list fewer comparisons "),
        (FindingCode.UNEVEN_SUBJECTS, {"share_of_five": 0.0}, "30 % of the genuine comparisons of 40 subjects; "),
        (FindingCode.UNSURE_PREFIX, {"pattern": ""}, "('Aoi_Mori_1.png'); --subject-from REGEX says what the subject "),
        (FindingCode.DIRECTION, {"comparator": "similarity"}, "taken for similarities, since a genuine score is "),
        (FindingCode.DIFFERENT_INPUTS, {}, "; their images do differ: Aoi 640 x 480 pixels, JPEG, Ren 320 x 240 "),
        (FindingCode.ONE_CARRIES, {"metric": "fnmr", "at": "fmr=0.01"}, " own threshold for FMR 0.01, 10 %: "),
        (FindingCode.EQUAL_NAMES, {"asked": True}, "Aoi, Ren and 38 more; kept apart"),
    ],
)  # fmt: skip
def test_the_words_stay(code: FindingCode, values: dict[str, Any], text: str) -> None:
    assert text in finding_text(of_code(code, **values))


def test_a_code_that_is_not_known_or_lacks_its_values_is_shown_as_it_is() -> None:
    assert finding_text(Finding("duplicate", Statement("3 files are the same"))) == "3 files are the same"
    assert finding_text(Finding.of(FindingCode.SINGLE_IMAGE, cohort="young")) == "single-image"
    old = {"method": "failures rejected; no interval: too few subjects", "method_values": None}
    assert method_text(old) == "failures rejected; no interval: too few subjects"


def test_the_statements_of_a_row_come_back() -> None:
    row = cell_of(Statement.of("parameters", parameters="prior=0.1"))
    row |= cell_of(Statement.of("rule_of_three", participants=20), before=row)
    assert row["method"] == "parameters; rule_of_three"
    assert [one.code for one in statements_in(row)] == ["parameters", "rule_of_three"]
    assert values_of(row["method_values"]) == {"parameters": "prior=0.1", "participants": 20}
    assert method_text(row) == "prior=0.1; no error seen: bound over subjects (20)"
    with pytest.raises(ValueError, match="differ in 'participants'"):
        cell_of(Statement.of("rule_of_three", participants=21), before=row)


def test_what_is_written_holds_codes_and_numbers_and_no_sentence(evaluation: Evaluation) -> None:
    written = facegap.Evaluation.from_json(evaluation.to_json())
    assert written.findings.equals(evaluation.findings)
    assert written.metrics.equals(evaluation.metrics)
    plain = evaluation.to_json()
    assert b'"code"' in plain
    assert b"false matches expected" not in plain
    assert b"subjects with one image" not in plain
    assert shown_findings(written)[0].text.startswith("2 files of 'A' are the same image, byte for byte, and make")


def test_every_kind_has_a_name() -> None:
    assert set(KINDS) == {code.kind for code in FindingCode}
    assert finding_kind("label-conflict") == "label conflict"
    assert finding_kind("of-a-plug-in") == "of-a-plug-in"


def test_a_report_of_0_1_0_is_still_shown(evaluation: Evaluation) -> None:
    plain = msgspec.json.decode(evaluation.to_json())
    plain["findings"] = {"kind": ["duplicate"], "message": ["2 files are the same"], "paths": [["a.jpg"]]}
    for table in ("metrics", "differences", "differentials"):
        del plain[table]["method_values"]
    plain["metrics"]["method"][0] = "no interval: too few subjects"
    read = Evaluation.from_json(msgspec.json.encode(plain))
    (found,) = shown_findings(read)
    assert (found.kind, found.text, found.paths) == ("duplicate", "2 files are the same", ("a.jpg",))
    assert method_text(read.metrics.row(0, named=True)) == "no interval: too few subjects"
    again = Evaluation.from_json(read.to_json())
    assert again.findings.equals(read.findings)
    assert again.metrics.filter(pl.col("method_values").is_not_null()).is_empty()


NUMBERS: dict[str, Any] = {
    "participants": 20, "subjects": 40, "folds": 10, "error": 0.01, "judged": 5990, "listed": 6000, "impostor": 300,
    "expected": 0.3, "least": 3, "tied": 7, "most": 0.995, "parameters": "prior=0.1", "without_genuine": ["young"],
    "without_impostor": ["old"], "few": [["fmr", 3, "young"], ["fnmr", 4, "old"], ["fmr", 5, ""]],
}  # fmt: skip
"""What the sentences of methods may give, by name."""


@pytest.mark.parametrize("code", METHODS)
def test_a_method_is_a_sentence_that_can_be_translated(code: str) -> None:
    row = cell_of(Statement.of(code, **NUMBERS, **({"rejected": 1200} if code == "folds_with_rejected" else {})))
    assert method_text(row) != code
    with in_language(PSEUDO):
        assert unbracketed(method_text(row), "young", "old", "prior") == set()


def test_every_method_that_is_measured_has_a_sentence() -> None:
    asked = ["hter", "dcf:c_miss=1,c_false=10,prior=0.01", "min_dcf:c_miss=1,c_false=10,prior=0.01"]
    measured = asked_study(asked).evaluation
    tables = (measured.metrics, measured.differences, measured.differentials)
    rows = [row for table in tables for row in table.iter_rows(named=True)]
    codes = {one.code for row in rows for one in statements_in(row)}
    assert {"jackknife", "parameters", "inverted_test", "student_t", "too_few_impostors"} <= codes
    assert codes <= set(METHODS)
