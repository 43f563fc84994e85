"""Images and what a model makes of them, in words."""

from collections.abc import Iterable

import numpy as np

from facegap.data.spec import ModelSpec
from facegap.report.text.language import _, in_a_row


def embedded_text(spec: ModelSpec, box: Iterable[float] | None, vector: np.ndarray) -> str:
    """Return where a face was found (`box`: left, top, right, bottom), what was cut out, and what the model made of it.

    `vector`: (D,).
    """
    numbers = {"crop": spec.crop, "size": spec.size, "dimension": len(vector), "norm": format(_norm(vector), ".4f")}
    if box is None:
        return _("whole image; {crop} crop of {size} px; {dimension}-D, norm {norm}", **numbers)
    sides = in_a_row([f"{side:.0f}" for side in box])
    return _("face at {box}; {crop} crop of {size} px; {dimension}-D, norm {norm}", box=sides, **numbers)


def _norm(vector: np.ndarray) -> float:
    return float(np.linalg.norm(vector))


def synthetic_faces() -> str:
    """Return what stands above the numbers of the demo."""
    return _(
        "These faces are synthetic: drawn by a program, no photograph of anyone. The cohort 'hard' is hard by "
        "construction (its subjects differ less). Synthetic identities are made of a few dozen numbers, so they are "
        "easy to learn: the numbers show what facegap does; they say nothing about dlib, adapted or not, on real "
        "people."
    )
