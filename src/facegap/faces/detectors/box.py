"""Faces from a table: its columns give the box of each image, and perhaps five points; nothing is looked for."""

from facegap.errors import Phrase
from facegap.faces.registration import Registration

DETECTOR = Registration("box", open=None, given=True, no_least=Phrase("the boxes are given"))
