"""The sentences of findings on files, tables and scores, as they were read."""

from facegap.data.finding import FindingCode as Code
from facegap.report.text.language import _, in_a_row, ngettext, pgettext, with_more
from facegap.report.text.sentences import Sentence, Values
from facegap.run.text import N_


def _no_images(values: Values) -> str:
    kinds = [
        _("{n} {suffix}", n=n, suffix=suffix) if suffix else _("{n} without suffix", n=n)
        for suffix, n in zip(values["suffixes"], values["of_each"], strict=True)
    ]
    return ngettext(
        "{place}: passed over {files} file, no images by their suffixes ({kinds})",
        "{place}: passed over {files} files, no images by their suffixes ({kinds})",
        values["files"],
        **values,
        kinds=in_a_row(kinds),
    )


def _unused_arrays(values: Values) -> str:
    damaged = [
        _("{array} (unreadable: {error})", array=array, error=error)
        for array, error in zip(values["unreadable"], values["errors"], strict=True)
    ]
    return _(
        "{place}: passed over the arrays {arrays}, which do not hold one value per embedding",
        place=values["place"],
        arrays=in_a_row([*values["arrays"], *damaged]),
    )


def _with_columns(message: str) -> Sentence:
    return lambda values: _(message, **{**values, "columns": in_a_row(values["columns"])})


def _one_column(values: Values) -> str:
    first = values["columns"][0]
    return _(
        "{place}: passed over {columns}: different things are said of one image; a column for each side, such as "
        "{first} and {second}, makes cohorts",
        place=values["place"],
        columns=in_a_row(values["columns"]),
        first=f"{first}_a",
        second=f"{first}_b",
    )


def _rows_twice(values: Values) -> str:
    return ngettext(
        "{place}: dropped {rows} row that list an image a second time: {names}",
        "{place}: dropped {rows} rows that list an image a second time: {names}",
        values["rows"],
        **{**values, "names": with_more(values["names"], values["images"])},
    )


def _at_urls(values: Values) -> str:
    return ngettext(
        "{place}: {images} image is read from {servers}, as the list says",
        "{place}: {images} images are read from {servers}, as the list says",
        values["images"],
        **{**values, "servers": with_more(values["servers"], len(values["servers"]))},
    )


def _unknown_images(values: Values) -> str:
    return ngettext(
        "{place}: passed over {images} image that {study} has not: {names}",
        "{place}: passed over {images} images that {study} has not: {names}",
        values["images"],
        **{**values, "names": with_more(values["names"], values["images"])},
    )


def _absent(values: Values) -> str:
    text = ngettext(
        "{place}: {images} image of {of} not there, {name} for one",
        "{place}: {images} images of {of} not there, {name} for one",
        values["images"],
        **values,
    )
    return (
        _("{text}; {nearly} is most like it: mend the paths", text=text, nearly=near)
        if (near := values["nearly"])
        else text
    )


def _direction(values: Values) -> str:
    named = {"place": values["place"], "share": f"{100 * values['share']:.1f}"}
    if values["comparator"] == "similarity":
        return _(
            "{place}: taken for similarities, since a genuine score is higher than an impostor score in {share} % of "
            "cases; --scores says otherwise",
            **named,
        )
    return _(
        "{place}: taken for distances, since a genuine score is lower than an impostor score in {share} % of cases; "
        "--scores says otherwise",
        **named,
    )


def _different_inputs(values: Values) -> str:
    given = [
        _("{about}: {text}", about=name, text=place)
        for name, place in zip(values["names"], values["places"], strict=True)
    ]
    text = _(
        "the cohorts come from different inputs ({inputs}): a gap between them can also come from the camera, the crop "
        "or the lighting; compare people photographed in the same way",
        inputs=with_more(given, values["inputs"]),
    )
    if not values["looks"]:
        return text
    seen = [
        _("{name} {longer:d} x {shorter:d} pixels, {format}", name=name, longer=longer, shorter=shorter, format=usual)
        for name, (longer, shorter, usual) in zip(values["names"], values["looks"], strict=True)
    ]
    differ = _(
        "their images do differ: {seen} (medians of up to {looked_at} images of each, longer side first)",
        seen=with_more(seen, values["inputs"]),
        looked_at=values["looked_at"],
    )
    return pgettext("between two clauses", "; ").join([text, differ])


FOUND_IN_INPUTS: dict[str, Sentence] = {
    Code.NO_IMAGES: _no_images,
    Code.NAMES_NOT_UNICODE: lambda values: ngettext(
        "{place}: passed over {files} file whose names are not valid Unicode: rename them",
        "{place}: passed over {files} files whose names are not valid Unicode: rename them",
        values["files"],
        **values,
    ),
    Code.CLOSED_FOLDERS: lambda values: ngettext(
        "{place}: passed over {folders} folder that cannot be opened: check the permissions",
        "{place}: passed over {folders} folders that cannot be opened: check the permissions",
        values["folders"],
        **values,
    ),
    Code.IN_FOLDER_ITSELF: lambda values: ngettext(
        "{place}: passed over {images} image in the folder itself, as only those in subfolders have a subject",
        "{place}: passed over {images} images in the folder itself, as only those in subfolders have a subject",
        values["images"],
        **values,
    ),
    Code.IN_BLANK_SUBFOLDER: lambda values: ngettext(
        "{place}: passed over {images} image in a subfolder whose name is blank",
        "{place}: passed over {images} images in a subfolder whose name is blank",
        values["images"],
        **values,
    ),
    Code.IN_SUBFOLDERS: lambda values: ngettext(
        "{place}: passed over {images} image in subfolders, as only those in the folder itself are named after "
        "subjects",
        "{place}: passed over {images} images in subfolders, as only those in the folder itself are named after "
        "subjects",
        values["images"],
        **values,
    ),
    Code.BLANK_PREFIX: lambda values: ngettext(
        "{place}: passed over {images} image with no subject before the first `_` of their names",
        "{place}: passed over {images} images with no subject before the first `_` of their names",
        values["images"],
        **values,
    ),
    Code.NAMES_THAT_DO_NOT_FIT: lambda values: ngettext(
        "{place}: passed over {images} image whose names do not fit --subject-from",
        "{place}: passed over {images} images whose names do not fit --subject-from",
        values["images"],
        **values,
    ),
    Code.EMPTY_SUBJECT: lambda values: ngettext(
        "{place}: passed over {images} image whose subject is empty by --subject-from",
        "{place}: passed over {images} images whose subject is empty by --subject-from",
        values["images"],
        **values,
    ),
    Code.OUTSIDE_SUBJECT_FOLDERS: lambda values: ngettext(
        "{place}: passed over {images} image outside the folders of subjects, COHORT/SUBJECT/",
        "{place}: passed over {images} images outside the folders of subjects, COHORT/SUBJECT/",
        values["images"],
        **values,
    ),
    Code.IN_BLANK_FOLDER: lambda values: ngettext(
        "{place}: passed over {images} image in a folder whose name is blank",
        "{place}: passed over {images} images in a folder whose name is blank",
        values["images"],
        **values,
    ),
    Code.UNUSED_ARRAYS: _unused_arrays,
    Code.NESTED_COLUMNS: _with_columns(
        N_("{place}: passed over the columns {columns}, which hold lists or bytes, not attributes")
    ),
    Code.CONTRADICTORY_COLUMNS: _with_columns(
        N_("{place}: passed over the columns {columns}, which say different things of one image")
    ),
    Code.SCORES_BESIDE_PAIRS: _with_columns(
        N_(
            "{place}: passed over the columns {columns}; models are run on the images: --model NAME={place} measures "
            "its scores beside them"
        )
    ),
    Code.ONE_COLUMN_FOR_BOTH: _one_column,
    Code.FOLDS_OF_SCORES: N_("{place}: passed over the column fold: scores are judged together, not fold by fold"),
    Code.COMPARED_WITH_ITSELF: lambda values: ngettext(
        "{place}: {comparisons} comparison passed over: an image compared with itself",
        "{place}: {comparisons} comparisons passed over: an image compared with itself",
        values["comparisons"],
        **values,
    ),
    Code.OUTSIDE_ARCHIVE: lambda values: ngettext(
        "{place}: passed over {files} file whose names lead out of the archive",
        "{place}: passed over {files} files whose names lead out of the archive",
        values["files"],
        **values,
    ),
    Code.IN_NO_PAIR: lambda values: ngettext(
        "{place}: passed over {images} image of templates in no pair",
        "{place}: passed over {images} images of templates in no pair",
        values["images"],
        **values,
    ),
    Code.ABSENT: _absent,
    Code.AT_URLS: _at_urls,
    Code.UNKNOWN_IMAGES: _unknown_images,
    Code.ROWS_TWICE: _rows_twice,
    Code.COMPARISONS_TWICE: lambda values: ngettext(
        "{place}: {comparisons} comparison passed over: listed a second time, in this or the other order",
        "{place}: {comparisons} comparisons passed over: listed a second time, in this or the other order",
        values["comparisons"],
        **values,
    ),
    Code.DIFFERENT_INPUTS: _different_inputs,
    Code.DIRECTION: _direction,
    Code.ROUNDED: lambda values: ngettext(
        "{place}: {comparisons} score equal to another one in single precision only: their order is lost",
        "{place}: {comparisons} scores equal to another one in single precision only: their order is lost",
        values["comparisons"],
        **values,
    ),
    Code.ASYMMETRIC: N_("{place}: the matrix is not symmetric, so two images count in both orders, twice"),
    Code.WITHOUT_SCORE: lambda values: ngettext(
        "{place}: {comparisons} comparison without a score, which count as failed",
        "{place}: {comparisons} comparisons without a score, which count as failed",
        values["comparisons"],
        **values,
    ),
    Code.MODEL_WITHOUT_SCORE: N_(
        "{model}: {failed} of {comparisons} comparisons have no score, and count as failed; where only some were asked "
        "for, give the list of these as the input"
    ),
    Code.HIDDEN_IGNORED: N_("something was passed over while reading; a report that is not anonymous says what"),
    Code.HIDDEN_ABSENT: N_("images of a table or a list are not there; a report that is not anonymous says which"),
    Code.HIDDEN_AT_URLS: N_("images of a table or a list are read from URLs"),
    Code.HIDDEN_DUPLICATE: N_("the same row of a table twice"),
}
"""By code."""
