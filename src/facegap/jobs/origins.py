"""Whether the cohorts of a study come from different inputs, which often means other cameras and other crops too."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median_low

import numpy as np
import polars as pl

from facegap.data.finding import Finding, FindingCode
from facegap.data.source import Source
from facegap.faces import header
from facegap.run.text import SHOWN

LOOKED_AT = 50
"""So many images of each input have their headers read: enough for a median, and no time even on a slow disk."""


def origin_findings(source: Source) -> Iterator[Finding]:
    """Yield a finding where the cohorts come from more than one input, with what the headers of some images show.

    Nothing is said of a manifest without `origin`, and nothing of an input that has no images or is given twice.
    """
    manifest = source.manifest
    if not manifest.origin:
        return
    source_of = np.array(manifest.origin)[manifest.cohort_codes]
    places = np.unique(source_of).tolist()
    inputs = [manifest.sources[place] for place in places]
    if len({Path(one.path).resolve() for one in inputs}) < 2:
        return
    shown = inputs[:SHOWN]
    said = {"inputs": len(inputs), "names": [one.name for one in shown], "places": [one.path for one in shown]}
    looks: list[tuple[int, int, str] | None] = []
    if source.photos:
        paths = manifest.places
        looks = [_look(paths.filter(pl.Series(source_of == place))) for place in places]
    if None in looks or len(set(looks)) < 2:
        looks = []
    yield Finding.of(FindingCode.DIFFERENT_INPUTS, **said, looks=looks[:SHOWN], looked_at=LOOKED_AT)


def _look(paths: pl.Series) -> tuple[int, int, str] | None:
    """Return the median size, longer side first, and the usual format of some images; None where none can be read."""
    some = np.unique(np.linspace(0, len(paths) - 1, min(len(paths), LOOKED_AT)).round().astype(int))
    found = [one for i in map(int, some) if (one := header(paths[i])) is not None]
    if not found:
        return None
    # Which side is the longer one depends on how a camera was held, and that says nothing here.
    longer, shorter = (median_low(side(one.width, one.height) for one in found) for side in (max, min))
    formats = Counter(one.format for one in found)
    usual = min(formats, key=lambda name: (-formats[name], name))
    return longer, shorter, usual
