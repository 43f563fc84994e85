"""Templates: several images of one person, such as the frames of a video, that are compared as one."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from facegap.data.manifest import Manifest

TEMPLATE, MEDIA = "template", "media"
"""The columns of a manifest's frame that say which images make up a template, and which of these one medium."""

TemplateMean = Literal["unit", "plain"]
"""How the embeddings of a template are averaged: each scaled to unit length first, or as they are."""


@dataclass(frozen=True)
class Templates:
    """Which of N images make up which of T templates.

    `of`: (N,) int64, the template of each image. `medium`: (N,) int64, equal within a medium of a template; each image
    is one of its own where none is named. `first`: (T,) int64, the first image of each template, rising.
    """

    of: np.ndarray
    medium: np.ndarray
    first: np.ndarray

    @classmethod
    def among(cls, frame: pl.DataFrame) -> "Templates":
        """Return the templates of the images in a frame; those without a name, or without such a column, stand alone.

        A template lies within one cohort and one subject: the same name elsewhere is another template.
        """
        if TEMPLATE not in frame.columns:
            each = np.arange(frame.height)
            return cls(each, each, each)
        alone = pl.int_range(pl.len()).cast(pl.String)
        template, media = (
            pl.concat_str(pl.lit("named "), name).fill_null(alone) if name in frame.columns else alone
            for name in (TEMPLATE, MEDIA)
        )
        keys = [name for name in ("subject", "cohort") if name in frame.columns]
        numbered = frame.select(
            *keys, row=pl.int_range(pl.len(), dtype=pl.Int64), template=template, media=media
        ).with_columns(
            first=pl.col("row").min().over(*keys, "template"),
            medium=pl.col("row").min().over(*keys, "template", "media"),
        )
        first, of = np.unique(numbered["first"].to_numpy(), return_inverse=True)
        return cls(of.astype(np.int64), numbered["medium"].to_numpy(), first.astype(np.int64))

    @property
    def trivial(self) -> bool:
        """Whether each image stands alone."""
        return len(self.first) == len(self.of)

    def mean(self, vectors: np.ndarray, ok: np.ndarray, *, unit: bool) -> np.ndarray:
        """Return (T, D) float32: the mean over the media of a template of the mean over their images, NaN without any.

        `vectors`: (N, D); `ok`: (N,) bool, the images that have one. `unit`: each is scaled to unit length first.
        """
        rows = np.flatnonzero(ok)
        used = vectors[rows].astype(np.float64)
        if unit:
            length = np.linalg.norm(used, axis=1, keepdims=True)
            used /= np.where(length == 0, 1, length)
        media, place = np.unique(self.medium[rows], return_inverse=True)
        of_media = _means(used, place, len(media))
        return _means(of_media, self.of[media], len(self.first)).astype(np.float32)


def _means(vectors: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Return (groups, D) the mean of the rows of each group, NaN where there are none."""
    order, size = np.argsort(group, kind="stable"), np.bincount(group, minlength=groups)
    found = np.full((groups, vectors.shape[1]), np.nan)
    there = size > 0
    starts = np.r_[0, size.cumsum()[:-1]][there]
    if len(starts):
        found[there] = np.add.reduceat(vectors[order], starts, axis=0) / size[there, None]
    return found


def units(manifest: Manifest) -> Manifest:
    """Return the manifest of what is compared: a row for each template, labelled as its first image."""
    first = Templates.among(manifest.frame).first
    if len(first) == len(manifest):
        return manifest
    return replace(
        manifest,
        frame=manifest.frame[first],
        files=tuple(np.array(manifest.files, object)[first]) if manifest.files else (),
        people=None if manifest.people is None else manifest.people[first],
    )
