"""A calibration as it is kept: a map from the scores of one model to likelihood ratios, and what it is worth."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from facegap.errors import InputError
from facegap.jobs.calibrate.cllr import Judged
from facegap.jobs.calibrate.maps import Method, Ratios
from facegap.jobs.calibrate.use import Use


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `facegap calibrate` writes.

    `use`: whose scores. `dataset`, `cohort`: on whom it was fitted. `score`, `log10_lr` (n,): points of the map in the
    model's native unit, least alike first; straight between them, level beyond. `judged`: what it costs, on whom.
    """

    use: Use
    dataset: str
    cohort: str
    method: Method
    score: tuple[float, ...]
    log10_lr: tuple[float, ...]
    judged: tuple[Judged, ...]

    @classmethod
    def holding(
        cls, ratios: Ratios, use: Use, *, dataset: str, cohort: str, method: Method, judged: Sequence[Judged]
    ) -> "Calibration":
        """Return the calibration that holds a map."""
        score = use.comparator.sign * ratios.closeness
        return cls(use, dataset, cohort, method, tuple(score.tolist()), tuple(ratios.log10_lr.tolist()), tuple(judged))

    @property
    def ratios(self) -> Ratios:
        """The map over closeness."""
        return Ratios(self.use.comparator.sign * np.array(self.score), np.array(self.log10_lr))

    def of(self, score: float) -> float:
        """Return log10 of the likelihood ratio of a score in the model's native unit."""
        return float(self.ratios(np.array(self.use.comparator.sign * score)))

    def at_limit(self, log10_lr: float) -> bool:
        """Return whether a ratio is as far as the comparisons behind the map can tell."""
        return log10_lr in (self.log10_lr[0], self.log10_lr[-1])

    def to_json(self) -> bytes:
        """Return the calibration as JSON; `from_json` gives it back."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"

    @classmethod
    def read(cls, path: Path) -> "Calibration":
        """Read a file that holds what `to_json` returned.

        Raises:
            InputError: the file cannot be read, or holds no calibration.
        """
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror}): give a file of `facegap calibrate`") from None
        except msgspec.DecodeError as error:
            raise InputError(f"{path} is no calibration ({error}): give a file of `facegap calibrate`") from None
