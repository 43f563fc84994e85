"""Simulation studies of facegap's own statistics."""
