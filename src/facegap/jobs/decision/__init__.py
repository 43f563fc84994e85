"""Whether a model keeps the limits on every cohort, at which threshold, and what to do next."""

from facegap.jobs.decision.card import Action, AtThreshold, Card, HeldRate, Step, Which
from facegap.jobs.decision.deciding import cards

__all__ = ["Action", "AtThreshold", "Card", "HeldRate", "Step", "Which", "cards"]
