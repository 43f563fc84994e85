"""Why an image has no embedding: the sentences of `facegap.data.failure.FailureCode`, and of files not read."""

from collections.abc import Mapping
from typing import Any

from facegap.data.containers.place import ContainerFault
from facegap.data.failure import FailureCode as Code
from facegap.data.statement import Statement, values_of
from facegap.report.text.language import _, in_a_row, ngettext
from facegap.report.text.names import outcome_name
from facegap.report.text.sentences import Sentence, Values, worded
from facegap.run.ordinary import FileFault
from facegap.run.remote import RemoteFault
from facegap.run.text import N_

_NOT_INSTALLED = {
    "HEIF": N_("a HEIC or HEIF image, which cannot be decoded here: {install}"),
    "JXL": N_("a JPEG XL image, which cannot be decoded here: {install}"),
    "AVIF": N_("an AVIF image, which cannot be decoded here: {install}"),
}


def _no_usable_image(values: Values) -> str:
    outcomes = [
        _("{outcome} in {n}", outcome=outcome_name(label), n=n)
        for label, n in zip(values["outcomes"], values["of_each"], strict=True)
    ]
    return ngettext(
        "none of the {images} images of the template is usable: {outcomes}",
        "none of the {images} images of the template is usable: {outcomes}",
        values["images"],
        images=values["images"],
        outcomes=in_a_row(outcomes),
    )


FAILURES: dict[str, Sentence] = {
    **{fault: fault.message for fault in (*FileFault, *ContainerFault, *RemoteFault)},
    Code.QUOTED: lambda values: values["error"],
    Code.NOT_OPENED: N_("cannot be opened"),
    Code.CHANGED: N_("the file changed during the run"),
    Code.EMPTY_FILE: N_("the file is empty"),
    Code.NO_FORMAT: N_("not an image in a format that is read"),
    Code.POSTSCRIPT: N_("EPS is a program, and programs from strangers are not run"),
    Code.FORMAT_NOT_INSTALLED: lambda values: _(_NOT_INSTALLED[values["format"]], install=values["install"]),
    Code.TOO_MANY_PIXELS: N_(
        "it has {pixels:,} pixels, more than the {most:,} of --max-pixels, which may be an attack"
    ),
    Code.TOO_MANY_SCANS: N_("a JPEG of more than {most} scans, which may be an attack"),
    Code.TOO_MUCH_MEMORY: N_(
        "its {pixels:,} pixels would take {bytes:,} bytes to decode, more than {room:,}, the {per_pixel:g} for each of "
        "--max-pixels {most:,}"
    ),
    Code.NOT_DECODED: N_("cannot be decoded: {error}"),
    Code.JPEG_XL_BOX: N_("cannot be decoded: a box of a JPEG XL file is cut off"),
    Code.JPEG_XL_HEADER: N_("cannot be decoded: the header of a JPEG XL file is cut off"),
    Code.JPEG_XL_EMPTY: N_("cannot be decoded: a JPEG XL file without a picture"),
    Code.NO_MEMORY: N_("not enough memory to look for a face"),
    Code.NO_MEMORY_FOR: N_("not enough memory to look for a face in {width:d} x {height:d} pixels"),
    Code.NO_FACE: N_("no face in {width:d} x {height:d} pixels"),
    Code.NO_FACE_REDUCED: N_(
        "no face in {width:d} x {height:d} pixels, searched at {searched_width:d} x {searched_height:d}"
    ),
    Code.SEVERAL_FACES: lambda values: ngettext("{faces} faces", "{faces} faces", values["faces"], **values),
    Code.NO_BOX: N_("the table gives no box"),
    Code.BOX_NO_NUMBERS: lambda values: _("the box {given} is no four numbers", given=in_a_row(values["given"])),
    Code.BOX_EMPTY: N_("the box from {left:g}, {top:g} to {right:g}, {bottom:g} is empty"),
    Code.BOX_OUTSIDE: N_("the box lies outside the {width:d} x {height:d} pixels"),
    Code.LANDMARKS_NO_NUMBERS: N_("the landmarks are no ten numbers"),
    Code.LANDMARKS_ON_LINE: N_("the landmarks lie on one line"),
    Code.NOT_FINITE: N_("the embedding holds values that are not finite"),
    Code.LENGTH: N_("the embedding has the length {length:.2g}, not between {shortest:g} and {longest:g}"),
    Code.ZERO: N_("the embedding is zero, and zero has no cosine"),
    Code.ALL_THE_SAME: N_("the model gives every image the same embedding"),
    Code.NOT_IN_FILE: N_("not in the file of {model}"),
    Code.NO_USABLE_IMAGE: _no_usable_image,
}
"""By code."""


def failure_text(said: Statement | None) -> str:
    """Return why an image has no embedding, "" where nothing is said of it."""
    return "" if said is None else worded(said, FAILURES)


def detail_text(row: Mapping[str, Any]) -> str:
    """Return why the image of a row of `failures` has no embedding; a sentence of an older file is shown as it is."""
    said = Statement(row["detail"], tuple(values_of(row["detail_values"]).items())) if row["detail"] else None
    return failure_text(said)
