"""How an input was read: the sentences of `facegap.data.input_summary.InputCode`."""

from collections.abc import Mapping, Sequence
from typing import Any

from facegap.data.input_summary import InputCode as Code
from facegap.data.input_summary import InputSummary
from facegap.data.statement import Statement, statements_in
from facegap.report.text.language import _, in_a_row, ngettext, pgettext, said_of
from facegap.report.text.sentences import Sentence, Values, worded
from facegap.run.text import N_


def _amount(unit: str, values: Values) -> str:
    subjects = ngettext("{n} subject", "{n} subjects", values["subjects"], n=values["subjects"])
    if values["templates"] is None:
        return _("{images} of {subjects}", images=unit, subjects=subjects)
    templates = ngettext("{n} template", "{n} templates", values["templates"], n=values["templates"])
    return _("{images} in {templates} of {subjects}", images=unit, templates=templates, subjects=subjects)


def _images(values: Values) -> str:
    return _amount(ngettext("{n} image", "{n} images", values["images"], n=values["images"]), values)


def _embeddings(values: Values) -> str:
    return _amount(ngettext("{n} embedding", "{n} embeddings", values["images"], n=values["images"]), values)


INPUTS: dict[str, Sentence] = {
    Code.PREFIXES: N_("file-name prefixes"),
    Code.SUBJECT_FOLDERS: N_("a folder per subject"),
    Code.COHORT_FOLDERS: lambda values: ngettext(
        "{folders} folder of cohorts, each with a folder per subject",
        "{folders} folders of cohorts, each with a folder per subject",
        values["folders"],
        **values,
    ),
    Code.NAMES: N_("subjects from names by {pattern}"),
    Code.TABLE: N_("table"),
    Code.TABLE_IN_FILES: lambda values: ngettext(
        "table in {files} file", "table in {files} files", values["files"], **values
    ),
    Code.SAVED: N_("saved embeddings of {dimensions} dimensions"),
    Code.PAIRS: N_("list of pairs, {genuine} genuine and {impostor} impostor"),
    Code.PAIRS_IN_FOLDS: N_("list of pairs, {genuine} genuine and {impostor} impostor in {folds} folds"),
    Code.TEMPLATE_PAIRS: N_("list of pairs of templates, {genuine} genuine and {impostor} impostor"),
    Code.SCORE_TABLE: N_("table of scores"),
    Code.SCORES_OF_BOB: N_("scores in {columns} columns, as bob writes them"),
    Code.SCORE_MATRIX: N_("matrix of {size} x {size} scores"),
    Code.SCORES_IN_TWO_FILES: N_(
        "genuine scores in {genuine_file}, impostor scores in {impostor_file}, {comparisons} comparisons"
    ),
    Code.NO_IMAGES: N_("no images"),
    Code.IMAGES: _images,
    Code.EMBEDDINGS: _embeddings,
    Code.ATTRIBUTES: lambda values: _("attributes: {attributes}", attributes=in_a_row(values["attributes"])),
    Code.INSIDE: N_("images inside the file"),
    Code.SHIFT_JIS: N_("read as Shift-JIS (cp932), as it is not UTF-8"),
    Code.UTF_16: N_("read as UTF-16"),
    Code.RESPELT: lambda values: ngettext(
        "{paths} path found in another spelling (case, accents or backslashes)",
        "{paths} paths found in another spelling (case, accents or backslashes)",
        values["paths"],
        **values,
    ),
    Code.IMAGES_KEPT: lambda values: ngettext(
        "{kept} image kept, at most {most} of each subject",
        "{kept} images kept, at most {most} of each subject",
        values["kept"],
        **values,
    ),
    Code.EMBEDDINGS_KEPT: lambda values: ngettext(
        "{kept} embedding kept, at most {most} of each subject",
        "{kept} embeddings kept, at most {most} of each subject",
        values["kept"],
        **values,
    ),
}
"""By code; what says the place is in `input_text`."""


def input_text(one: InputSummary) -> str:
    """Return what was found in an input, and where, in one line."""
    return _in_one_line(one.said)


def source_text(row: Mapping[str, Any]) -> str:
    """Return the same from a row of `sources`; what an older file has there is shown as it is."""
    return _in_one_line(statements_in(row, "summary")) if row["summary_values"] else row["summary"]


def _in_one_line(said: Sequence[Statement]) -> str:
    place, *found = said
    clauses = [worded(one, INPUTS) for one in found]
    if len(found) > 1 and found[1].code in (Code.IMAGES, Code.EMBEDDINGS):
        clauses[:2] = [_("{how}, {amount}", how=clauses[0], amount=clauses[1])]
    return said_of(str(place.values.get("place", place.code)), pgettext("between two clauses", "; ").join(clauses))
