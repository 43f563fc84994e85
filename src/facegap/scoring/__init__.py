"""From embeddings to counted scores."""

from facegap.scoring.compare import compare_all
from facegap.scoring.listed import compare_pairs, score_pairs

__all__ = ["compare_all", "compare_pairs", "score_pairs"]
