"""The error rates that a report holds models to."""

from collections.abc import Sequence

import msgspec

from facegap.errors import InputError


class Limits(msgspec.Struct, frozen=True):
    """The highest false match rate and false non-match rate that are good enough, each between 0 and 1.

    The defaults are those of NIST for authentication by biometrics: FMR 1 in 1,000 (SP 800-63B, 2017, section 5.2.3;
    its successor of 2025 asks for 1 in 10,000, which few data sets can show) and FNMR 5 % (SP 800-63B-4, 2025, section
    3.2.3). Who knows what a false match costs names limits of their own.
    """

    fmr: float = 0.001
    fnmr: float = 0.05

    def of(self, rate: str) -> float:
        """Return the limit of `fmr` or `fnmr`."""
        return self.fmr if rate == "fmr" else self.fnmr


DEFAULT_LIMITS = Limits()


def parse_limits(texts: Sequence[str]) -> Limits:
    """Read what `--limit` takes, e.g. `fmr=1e-4` and `fnmr=0.02`; a rate that is not named keeps its default.

    Raises:
        InputError: a text names no rate and limit, or a rate comes twice.
    """
    found: dict[str, float] = {}
    for text in (part.strip() for given in texts for part in given.split(",")):
        rate, _, number = (part.strip() for part in text.partition("="))
        try:
            limit = float(number)
        except ValueError:
            limit = 0.0
        if rate not in Limits.__struct_fields__ or not 0 < limit < 1:
            raise InputError(
                "--limit {text!r} is not understood: write fmr or fnmr and a rate between 0 and 1, e.g. --limit "
                "fmr=1e-3 --limit fnmr=0.02",
                text=text,
            )
        if rate in found:
            raise InputError(
                "--limit names {rate} twice ({found:g}, {limit:g}): give one limit for each rate",
                rate=rate,
                found=found[rate],
                limit=limit,
            )
        found[rate] = limit
    return Limits(**found)
