"""What a study is to find out."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from facegap.errors import InputError, Phrase
from facegap.metrics.registry import metric, registered

Between = Literal["cohorts", "models"]
"""Whether a gap lies between two cohorts, each with subjects of its own, or two models on the same subjects."""


@dataclass(frozen=True)
class Resolve:
    """Is the false match rate `fmr` at a fixed threshold known to within half of itself?"""

    fmr: float
    kind: ClassVar[Literal["resolve"]] = "resolve"

    def __str__(self) -> str:
        return str(self.said)

    @property
    def said(self) -> Phrase:
        """What is to be resolved."""
        return Phrase("FMR {fmr:g}", fmr=self.fmr)


@dataclass(frozen=True)
class Gap:
    """Is a difference of `size` in a metric found?

    `metric`: `auc`, `eer`, or with a false match rate `fmr`, `tar` or `fnmr` (at the threshold of that rate).
    """

    metric: str
    size: float
    between: Between = "cohorts"
    fmr: float | None = None
    kind: ClassVar[Literal["gap"]] = "gap"

    def __str__(self) -> str:
        return str(self.said)

    @property
    def said(self) -> Phrase:
        """What is to be found."""
        if self.between == "cohorts":
            return Phrase("gap of {size:g} in {metric} between two cohorts", size=self.size, metric=self.name)
        return Phrase("gap of {size:g} in {metric} between two models", size=self.size, metric=self.name)

    @property
    def name(self) -> str:
        """The metric as a person writes it."""
        label = metric(self.metric).label
        return label if self.fmr is None else f"{label}@FMR={self.fmr:g}"

    @property
    def lower_is_worse(self) -> bool:
        """Whether a smaller value is the worse one."""
        return bool(metric(self.metric).higher_is_better)

    def worse(self, value: float) -> float:
        """Return the value that is worse than `value` by the size of the gap.

        Raises:
            InputError: nothing can be so much worse.
        """
        worst, worse = metric(self.metric).worst, value - self.size if self.lower_is_worse else value + self.size
        assert worst is not None, "a gap is planned for in metrics that have a worst value"
        if (worse - worst) * (value - worse) <= 0:
            raise InputError(
                "a {gap} is too large where the pilot shows {value:.3g}: ask for a smaller one",
                gap=self.said,
                value=value,
            )
        return worse


Question = Resolve | Gap

LEAST_SHARE, MOST_SHARE = 0.01, 0.9999
"""Between what power and confidence must lie: no pilot shows the tails beyond."""


def parse_resolve(text: str) -> Resolve:
    """Read what `--resolve` takes, e.g. `fmr=1e-3`.

    Raises:
        InputError: the text is no false match rate.
    """
    name, _, number = text.partition("=")
    fmr = _number(number)
    if name != "fmr" or fmr is None or not 0 < fmr < 1:
        raise InputError(
            "--resolve {text!r} is not understood: write a false match rate, e.g. --resolve fmr=1e-3", text=text
        )
    return Resolve(fmr)


def parse_gap(text: str, between: str) -> Gap:
    """Read what `--gap` takes, e.g. `auc=0.02` or `tar@fmr=1e-2=0.05`, and `--between`.

    Raises:
        InputError: the text names no metric and size, or `between` neither cohorts nor models.
    """
    if between not in ("cohorts", "models"):
        raise InputError("--between {between!r} is unknown: choose cohorts or models", between=between)
    name, _, number = text.rpartition("=")
    of, _, at = name.partition("@fmr=")
    size, fmr = _number(number), _number(at)
    known = name in _plain() or (of in _at_fmr() and fmr is not None and 0 < fmr < 1)
    if not known or size is None or not 0 < size < 1:
        metrics = ", ".join([*_plain(), *(f"{one}@fmr=1e-2" for one in _at_fmr())])
        raise InputError(
            "--gap {text!r} is not understood: write a metric ({metrics}) and the difference to be found, e.g. --gap "
            "auc=0.02",
            text=text,
            metrics=metrics,
        )
    return Gap(of, size, "cohorts" if between == "cohorts" else "models", fmr)


def _plain() -> list[str]:
    """Return the metrics without a threshold in which a gap can be planned for."""
    return [one.name for one in registered() if one.worst is not None and one.compares("")]


def _at_fmr() -> list[str]:
    """Return those at the threshold of a false match rate, each with its complement."""
    found = [one for one in registered() if one.worst is not None and one.complement]
    return [name for one in found for name in (one.name, one.complement)]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Request:
    """What is asked of a plan.

    `images`: of each subject, that the study will have; those of the pilot where None. `power`: the chance (0 to 1)
    that a gap is found if it is there. `level`: confidence (0 to 1) of tests and intervals.

    Raises:
        InputError: nothing is asked, or a share is none.
    """

    questions: tuple[Question, ...]
    images: int | None = None
    power: float = 0.8
    level: float = 0.95

    def __post_init__(self) -> None:
        if not self.questions:
            raise InputError("nothing was asked: give --resolve fmr=1e-3, --gap auc=0.02, or both")
        for name, share in (("--power", self.power), ("--level", self.level)):
            if not LEAST_SHARE <= share <= MOST_SHARE:
                raise InputError(
                    "{name} {share!r} cannot be planned for: give a number from {least_share:g} to {most_share:g}",
                    name=name,
                    share=share,
                    least_share=LEAST_SHARE,
                    most_share=MOST_SHARE,
                )
