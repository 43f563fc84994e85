"""Scales beside those of `facegap.stats`, and the names under which files keep any of them."""

import scipy  # loads its parts when they are used

from facegap.stats import LOG, LOGIT, PLAIN, Scale


def logit_up_to(most: float) -> Scale:
    """Return the logit of numbers from 0 to `most`."""
    return Scale(
        lambda t: scipy.special.logit(t / most),
        lambda u: most * scipy.special.expit(u),
        lambda t: most / (t * (most - t)),
        0.0,
        most,
        "logit",
    )


def scale_named(name: str, most: float) -> Scale:
    """Return a scale by its name and its upper end.

    Raises:
        KeyError: there is none of this name.
    """
    if name == LOGIT.name:
        return LOGIT if most == LOGIT.high else logit_up_to(most)
    return {LOG.name: LOG, PLAIN.name: PLAIN}[name]
