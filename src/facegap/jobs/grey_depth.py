"""Whether photos use fewer bits than their files have, as those of infrared cameras do."""

from collections.abc import Iterator

from facegap.data.finding import Finding, FindingCode
from facegap.data.source import Source
from facegap.faces import grey_bits

DEPTH = 16


def depth_findings(source: Source) -> Iterator[Finding]:
    """Yield a finding for each cohort whose first photo is grey of 16 bits and uses fewer: it is scaled by these."""
    if not source.photos:
        return
    manifest = source.manifest
    paths = manifest.places
    for code, cohort in enumerate(manifest.cohorts):
        rows = (manifest.cohort_codes == code).nonzero()[0]
        bits = grey_bits(paths[int(rows[0])]) if len(rows) else None
        if bits is not None and bits < DEPTH:
            first = manifest.frame["path"][int(rows[0])]
            yield Finding.of(
                FindingCode.SCALED_GREY, (first,), cohort=cohort, depth=DEPTH, bits=bits, white=2**bits - 1
            )
