"""Closing the gap without training a network: a linear step learnt from your people, put behind the model you have."""

from facegap.jobs.adapt.adapting import Adaptation, adapt

__all__ = ["Adaptation", "adapt"]
