"""How fast facegap is, as ratios against others in the same run."""
