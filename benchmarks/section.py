"""What a benchmark found: a table, what it means, and what was asked for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """What was asked for and what was found. `most`: `wanted` must not be exceeded, instead of reached."""

    what: str
    wanted: float
    found: float
    unit: str = ""
    most: bool = False

    @property
    def met(self) -> bool:
        """Whether what was found is as good as wanted."""
        return self.found <= self.wanted if self.most else self.found >= self.wanted

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """What, wanted, found, and whether it is met, in words."""
        bound = f"at {'most' if self.most else 'least'} {self.wanted:g}{self.unit}"
        return self.what, bound, f"{figure(self.found)}{self.unit}", "yes" if self.met else "**no**"


@dataclass(frozen=True)
class Section:
    """One benchmark's results. `about` stands above the table, `notes` (arithmetic, what is left out) below it."""

    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    goals: tuple[Goal, ...] = ()


def figure(value: float) -> str:
    """Return a number with three significant digits, in words where it is large."""
    for size, word in ((1e15, " quadrillion"), (1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if abs(value) >= size:
            return f"{float(f'{value / size:.3g}'):g}{word}"
    return f"{float(f'{value:.3g}'):,g}" if abs(value) < 1000 else f"{float(f'{value:.3g}'):,.0f}"


def duration(seconds: float) -> str:
    """Return a time in the unit that a person would use."""
    for size, word in ((365.25 * 86400, "years"), (86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{figure(seconds / size)} {word}"
    return f"{figure(seconds)} s" if seconds >= 1 else f"{figure(1000 * seconds)} ms"


def size(count: float) -> str:
    """Return a number of bytes in the unit that a person would use."""
    for unit, word in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if abs(count) >= unit:
            return f"{figure(count / unit)} {word}"
    return f"{figure(count / 1e3)} kB"
