"""Whether the cohorts of a study come from different inputs, which often means other cameras and other crops too."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median_low

import numpy as np

from facegap.data.manifest import Finding
from facegap.data.source import Source
from facegap.faces import header
from facegap.run.text import shortened

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
    given = shortened(f"{one.name}: {one.path}" for one in inputs)
    message = (
        f"the cohorts come from different inputs ({given}): a gap between them can also come from the camera, the crop "
        "or the lighting; compare people photographed in the same way"
    )
    if source.photos:
        paths = np.array(manifest.paths, object)
        looks = [_look(paths[source_of == place].tolist()) for place in places]
        if "" not in looks and len(set(looks)) > 1:
            seen = shortened(f"{one.name} {look}" for one, look in zip(inputs, looks, strict=True))
            message += (
                f"; their images do differ: {seen} (medians of up to {LOOKED_AT} images of each, longer side first)"
            )
    yield Finding("different-inputs", message)


def _look(paths: Sequence[str]) -> str:
    """Return the median size and the usual format of some of the images, or "" where none of these can be read."""
    some = np.unique(np.linspace(0, len(paths) - 1, min(len(paths), LOOKED_AT)).round().astype(int))
    found = [one for i in map(int, some) if (one := header(paths[i])) is not None]
    if not found:
        return ""
    # Which side is the longer one depends on how a camera was held, and that says nothing here.
    longer, shorter = (median_low(side(one.width, one.height) for one in found) for side in (max, min))
    formats = Counter(one.format for one in found)
    usual = min(formats, key=lambda name: (-formats[name], name))
    return f"{longer} x {shorter} pixels, {usual}"
