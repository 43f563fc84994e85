"""Blocks of images compared on a GPU."""
