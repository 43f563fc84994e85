"""Where the contract of a network comes from: the sentences of `facegap.data.contract_code.ContractCode`."""

from facegap.data.contract_code import ContractCode as Code
from facegap.data.statement import Statement
from facegap.report.text.language import _, in_a_row, with_more
from facegap.report.text.sentences import Sentence, Values, worded
from facegap.run.text import N_

_NETWORKS = {
    "landmarks": N_("landmarks"),
    "age and sex": N_("age and sex"),
    "swapper": N_("swapper"),
    "not known": N_("not known"),
}
"""What the networks of a pack do that recognise nobody and find no faces."""


def _known_file(values: Values) -> str:
    if values["steps"]:
        return _(
            "contract {preset} with pixels from 0 to 255, since the network itself begins with {steps}, as InsightFace "
            "uses {file} of its packs",
            **values,
        )
    return _("contract {preset}, as InsightFace uses {file} of its packs", **values)


def _usual(values: Values) -> str:
    named = {**values, "others": in_a_row(values["others"])}
    if values["steps"]:
        return _(
            "contract guessed: {preset} with pixels from 0 to 255, since the network itself begins with {steps}, which "
            "people use for most networks of {size} x {size} pixels; pass --preset if it is one of {others}",
            **named,
        )
    return _(
        "contract guessed: {preset}, which people use for most networks of {size} x {size} pixels; pass --preset if it "
        "is one of {others}",
        **named,
    )


def _pack(values: Values) -> str:
    if not values["left_out"]:
        return _("{place}: {file} recognises faces, with InsightFace's contract", **values)
    others = [_("{file} ({kind})", file=file, kind=_(_NETWORKS[kind])) for file, kind in values["left_out"]]
    return _(
        "{place}: {file} recognises faces, with InsightFace's contract; left out: {others}",
        place=values["place"],
        file=values["file"],
        others=with_more(others, values["left_out_in_all"]),
    )


CONTRACTS: dict[str, Sentence] = {
    Code.ASKED: N_("contract from the preset {preset}, as asked"),
    Code.ASKED_INSTEAD: N_("contract from the preset {preset}, as asked, in place of the metadata in the file"),
    Code.METADATA: N_("contract from the metadata in the file"),
    Code.BESIDE: N_("contract from {file} beside the file"),
    Code.ONLY_FITTING: N_(
        "contract guessed: {preset} is the only preset that takes {size} x {size} pixels; pass --preset if wrong"
    ),
    Code.KNOWN_FILE: _known_file,
    Code.USUAL: _usual,
    Code.MANIFEST: N_("contract of {file} from {manifest} of {place}"),
    Code.PACK: _pack,
}
"""By code."""


def contract_text(said: Statement) -> str:
    """Return where a contract comes from."""
    return worded(said, CONTRACTS)
