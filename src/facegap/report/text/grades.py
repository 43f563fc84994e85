"""From which error rates on a threshold is unusable: one rule for the report and for single decisions."""

UNUSABLE = {"fmr": 0.1, "fnmr": 0.5}
"""The lowest FMR and FNMR that make a threshold unusable: one in ten impostor comparisons passes, so that "accepted"
says little, or half of the genuine comparisons are rejected, so that "rejected" does."""

LOOSE_FMR = 0.01
"""The lowest FMR that is loose for verification."""


def at_least(row: dict, rate: float) -> bool:
    """Return whether a measured rate is surely as high as `rate`: its interval is, or itself where it has none."""
    return (row["value"] if row["low"] is None else row["low"]) >= rate


def unusable(row: dict) -> bool:
    """Return whether a measured FMR or FNMR, a row of `Evaluation.metrics`, makes its threshold unusable."""
    return at_least(row, UNUSABLE[row["metric"]])
