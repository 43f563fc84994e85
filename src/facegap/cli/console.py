"""The terminal, which shows names as what they are: no markup, no control characters."""

import re
from collections.abc import Iterable
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from facegap.run.visible import in_one_line, shown

HELD = "\ue000"
"""Stands for a space at which no line is broken, until the lines are made: rich breaks at a no-break space too."""

_INTERVAL = re.compile(r"\[[-−+–\d.,e]+(?: %)?, [-−+–\d.,e]+(?: %)?\]|\d %")


class Terminal(Console):
    """A rich console for texts that hold names of other people's making; give it str, in tables too.

    An interval, and a number with its unit, stay on one line. `says_notes`: whether it says what goes on, and not only
    what was found.
    """

    says_notes: ClassVar[bool] = True

    def __init__(self, **options: object) -> None:
        super().__init__(**{"highlight": False, "markup": False, "emoji": False, **options})  # pyright: ignore

    def render_str(self, text: str, **options: object) -> Text:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return a text as it is printed, made fit to be shown: rich asks this for every str, wherever it stands."""
        held = _INTERVAL.sub(lambda found: found[0].replace(" ", HELD), shown(text))
        return super().render_str(held, **options)  # pyright: ignore

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield what is printed: lines are broken by now, so spaces that were held together are spaces again."""
        for segment in super().render(renderable, options):
            yield segment._replace(text=segment.text.replace(HELD, " "))

    def say(self, line: str) -> None:
        """Print what goes on, as one line."""
        if self.says_notes:
            self.print(in_one_line(line), style="dim")
