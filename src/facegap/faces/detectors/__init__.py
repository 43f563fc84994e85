"""The face detectors that facegap brings."""
