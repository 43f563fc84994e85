"""What has to be known to repeat a run."""

import hashlib
import platform
from collections.abc import Sequence

from facegap.data.source import GivenScores, SavedEmbeddings, Source
from facegap.data.templates import TEMPLATE
from facegap.jobs.study import Study
from facegap.run.versions import LIBRARIES, version

BY_COMPARATOR = "unit for cosine, plain for distances"
"""How the embeddings of a template are averaged where nothing else is asked for."""


def data_sha256(source: Source, hashes: Sequence[str]) -> str:
    """Return a hex sha256 over the images and their labels, or over what was given instead of images.

    `hashes`: N sha256 in hex, empty where there are no images.
    """
    data = hashlib.sha256()
    manifest = source.manifest
    saved = source.vectors if isinstance(source, SavedEmbeddings) else ()
    contents = hashes or [vector.tobytes().hex() for vector in saved] or manifest.places
    for content, subject, cohort in zip(contents, manifest.frame["subject"], manifest.frame["cohort"], strict=True):
        data.update("\0".join((content, subject, cohort, "")).encode())
    for block in source.blocks() if isinstance(source, GivenScores) else ():
        for values in (block.a, block.b, block.same, block.similarity):
            data.update(values.tobytes())
    return data.hexdigest()


def provenance(study: Study, source: Source, hashes: Sequence[str]) -> dict[str, str]:
    """Return versions, options and a digest of the images and their labels; nothing of the machine or the time.

    `hashes`: N sha256 in hex, empty for saved embeddings.
    """
    manifest = source.manifest
    chosen = {
        "layout": study.layout or "detected",
        "cohort": ", ".join(study.cohort_by),
        "sample": "" if study.sample is None else str(study.sample),
        "most images": "" if study.most_images is None else str(study.most_images),
        "pairs": "" if study.pairs is None else str(study.pairs),
        "subject from": study.subject_from or "",
        "ids": "several forms merged" if study.merge_ids else "",
        "equal names in two inputs": {None: "", True: "kept apart", False: "one subject"}[study.separate_subjects],
        "seed": str(study.seed),
        "mean of templates": (study.template_mean or BY_COMPARATOR) if TEMPLATE in manifest.frame else "",
        "failures": study.failures,
        "weigh": study.weigh if study.weigh == "subjects" else "",
        "genuine share": "" if study.genuine_share is None else f"{study.genuine_share:g}",
        "FMR": ", ".join(f"{fmr:g}" for fmr in study.fmrs),
        "threshold from": ", ".join(wanted.label for wanted in study.threshold_from),
    }
    return {
        **({"command": study.shown_command} if study.shown_command else {}),
        "facegap": version("facegap"),
        "data sha256": data_sha256(source, hashes),
        **{name: value for name, value in chosen.items() if value},
        "python": platform.python_version(),
        **{package: version(package) for package in LIBRARIES},
    }
