"""A calibration as it is kept: a map from the scores of one model to likelihood ratios, and what it is worth."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from facegap.data.formats import KEY, check_version, unknown_part, with_unknown
from facegap.errors import InputError
from facegap.jobs.calibrate.cllr import Judged
from facegap.jobs.calibrate.maps import Method, Ratios
from facegap.jobs.calibrate.use import Use

VERSION = 1
"""Schema version of what is written, and the newest that is read; files of facegap 0.1.0 carry none."""


class Calibration(msgspec.Struct, frozen=True):
    """What `facegap calibrate` writes.

    `use`: whose scores. `dataset`, `cohort`: on whom it was fitted. `score`, `log10_lr` (n,): points of the map in the
    model's native unit, least alike first; straight between them, level beyond. `judged`: what it costs, on whom.
    `unknown`: keys of the file that it was read from which this facegap does not know; they are written again.

    Raises:
        ValueError: the points make no map.
    """

    use: Use
    dataset: str
    cohort: str
    method: Method
    score: tuple[float, ...]
    log10_lr: tuple[float, ...]
    judged: tuple[Judged, ...]
    unknown: dict[str, Any] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        rising = np.diff(self.use.comparator.sign * np.array(self.score)), np.diff(self.log10_lr)
        if not self.score or len(self.score) != len(self.log10_lr):
            raise ValueError(f"{len(self.score)} scores and {len(self.log10_lr)} ratios make no map")
        if not np.isfinite([*self.score, *self.log10_lr]).all() or any((steps < 0).any() for steps in rising):
            raise ValueError("the points of the map are not in order, or not finite")

    @classmethod
    def holding(
        cls, ratios: Ratios, use: Use, *, dataset: str, cohort: str, method: Method, judged: Sequence[Judged]
    ) -> "Calibration":
        """Return the calibration that holds a map."""
        score = use.comparator.sign * ratios.similarity
        return cls(use, dataset, cohort, method, tuple(score.tolist()), tuple(ratios.log10_lr.tolist()), tuple(judged))

    @property
    def ratios(self) -> Ratios:
        """The map over similarity."""
        return Ratios(self.use.comparator.sign * np.array(self.score), np.array(self.log10_lr))

    def of(self, score: float) -> float:
        """Return log10 of the likelihood ratio of a score in the model's native unit."""
        return float(self.ratios(np.array(self.use.comparator.sign * score)))

    def at_limit(self, log10_lr: float) -> bool:
        """Return whether a ratio is as far as the comparisons behind the map can tell."""
        return log10_lr in (self.log10_lr[0], self.log10_lr[-1])

    def to_json(self) -> bytes:
        """Return the calibration as JSON; `read` gives it back from a file."""
        plain = with_unknown({KEY: VERSION, **self._plain()}, self.unknown)
        return msgspec.json.format(msgspec.json.encode(plain), indent=1) + b"\n"

    def _plain(self) -> dict[str, Any]:
        plain = msgspec.to_builtins(self)
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in plain.items() if key != "unknown"
        }

    @classmethod
    def read(cls, path: Path) -> "Calibration":
        """Read a file that holds what `to_json` returned, by this facegap or an older one.

        Raises:
            InputError: the file cannot be read, or holds no calibration, or a newer facegap's.
        """
        try:
            plain = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
            check_version(plain, VERSION)
            read = msgspec.convert({key: value for key, value in plain.items() if key != "unknown"}, cls)
            return msgspec.structs.replace(read, unknown=unknown_part(plain, read._plain()))
        except OSError as error:
            raise InputError(
                "{path} cannot be read ({reason}): give a file of `facegap calibrate`", path=path, reason=error.strerror
            ) from None
        except InputError as error:
            raise InputError("{path}: {reason}", path=path, reason=error) from None
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise InputError(
                "{path} is no calibration ({reason}): give a file of `facegap calibrate`", path=path, reason=error
            ) from None
