"""The texts of the translated pages: `python -m sitemaker.messages`, in `docs`, lists them anew for each language.

A page is translated if it has a catalogue in `locales`; an empty one is a beginning. `sphinx.po` holds words of the
theme.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1]
LOCALES = DOCS / "locales"


def translated(language: str) -> list[str]:
    """Return the names of the pages that have a catalogue."""
    catalogues = (path.stem for path in (LOCALES / language / "LC_MESSAGES").glob("*.po"))
    return sorted(name for name in catalogues if (DOCS / f"{name}.md").exists())


def extract(out: Path) -> None:
    """Write the texts of each page to `PAGE.pot` in a folder, those of the translated pages whole."""
    quiet = ("-Q", "-d", str(out / ".doctrees"))
    subprocess.run([sys.executable, "-m", "sphinx", "-b", "gettext", *quiet, DOCS, out], check=True)


def update(language: str) -> None:
    """Take new and changed texts over into the catalogues of a language, where they await their translation."""
    with tempfile.TemporaryDirectory() as place:
        extract(Path(place))
        for texts in Path(place).glob("*.pot"):
            if texts.stem not in translated(language):
                texts.unlink()
        command = [sys.executable, "-m", "sphinx_intl", "update", "-p", place, "-d", LOCALES, "-l", language]
        subprocess.run([*command, "-w", "120", "--no-obsolete"], check=True)


if __name__ == "__main__":
    for folder in sorted(LOCALES.iterdir()):
        update(folder.name)
