"""Where the contract of a network comes from, apart from words."""

from enum import StrEnum


class ContractCode(StrEnum):
    """Where a contract comes from. `report.text.contracts` has the sentences."""

    ASKED = "preset-asked"
    ASKED_INSTEAD = "preset-asked-instead"
    METADATA = "metadata"
    BESIDE = "beside"
    ONLY_FITTING = "only-fitting"
    KNOWN_FILE = "known-file"
    USUAL = "usual"
    MANIFEST = "manifest"
    PACK = "pack"
