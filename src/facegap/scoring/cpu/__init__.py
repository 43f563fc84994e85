"""Blocks of images compared on the processors."""
