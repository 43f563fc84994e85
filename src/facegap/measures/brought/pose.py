"""Which way the head is turned."""

from collections.abc import Callable

import numpy as np

from facegap.measures.measure import Combine, ImageMeasure
from facegap.measures.seen import Seen
from facegap.run.text import N_


def _angle(which: int) -> Callable[[Seen], float]:
    return lambda seen: np.nan if seen.pose is None else seen.pose[which]


MEASURES = tuple(
    ImageMeasure(
        name, label, N_("degrees"), -180.0, 180.0, Combine.DIFFERENCE,
        "Alter, MIT AI Memo 1378 (1992), on MediaPipe's canonical face model", of=_angle(which), version="2",
    )
    for which, (name, label) in enumerate(
        (("yaw", N_("yaw of the head")), ("pitch", N_("pitch of the head")), ("roll", N_("roll of the head")))
    )
)  # fmt: skip
