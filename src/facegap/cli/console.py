"""The terminal, which shows names as what they are: no markup, no control characters."""

from typing import ClassVar

from rich.console import Console
from rich.text import Text

from facegap.run.visible import in_one_line, shown


class Terminal(Console):
    """A rich console for texts that hold names of other people's making; give it str, in tables too.

    `says_notes`: whether it says what goes on, and not only what was found.
    """

    says_notes: ClassVar[bool] = True

    def __init__(self, **options: object) -> None:
        super().__init__(**{"highlight": False, "markup": False, "emoji": False, **options})  # pyright: ignore

    def render_str(self, text: str, **options: object) -> Text:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return a text as it is printed, made fit to be shown: rich asks this for every str, wherever it stands."""
        return super().render_str(shown(text), **options)  # pyright: ignore

    def say(self, line: str) -> None:
        """Print what goes on, as one line."""
        if self.says_notes:
            self.print(in_one_line(line), style="dim")
