"""What the fixture `run` returns."""

from collections.abc import Callable

Run = Callable[..., tuple[int, str, str]]
"""Runs a command of the command line; returns its exit code, what it printed, and what it complained of."""
