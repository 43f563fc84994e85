"""Whether photos use fewer bits than their files have, as those of infrared cameras do."""

from collections.abc import Iterator

from facegap.data.manifest import Finding
from facegap.data.source import Source
from facegap.faces import grey_bits

DEPTH = 16


def depth_findings(source: Source) -> Iterator[Finding]:
    """Yield a finding for each cohort whose first photo is grey of 16 bits and uses fewer: it is scaled by these."""
    if not source.photos:
        return
    manifest = source.manifest
    paths = manifest.paths
    for code, cohort in enumerate(manifest.cohorts):
        rows = (manifest.cohort_codes == code).nonzero()[0]
        bits = grey_bits(paths[rows[0]]) if len(rows) else None
        if bits is not None and bits < DEPTH:
            yield Finding(
                "scaled-grey",
                f"cohort {cohort!r} has photos in grey of {DEPTH} bits, of which the first uses {bits}: each is scaled "
                f"by the bits that it uses, here so that {2**bits - 1} is white",
                (manifest.frame["path"][int(rows[0])],),
            )
