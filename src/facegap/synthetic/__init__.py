"""Synthetic faces, drawn by a program from a few dozen numbers per subject: test and demo data free of anyone's rights.

The pictures show the tool, not a model: no figure measured on them says anything about real people.
"""

from facegap.synthetic.developing import render
from facegap.synthetic.identity import Identity, draw_identity
from facegap.synthetic.population import GENERAL, HARD, Spread, write_demo, write_population

__all__ = [
    "GENERAL",
    "HARD",
    "Identity",
    "Spread",
    "draw_identity",
    "render",
    "write_demo",
    "write_population",
]
