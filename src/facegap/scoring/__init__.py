"""From embeddings to counted scores."""

from facegap.scoring.compare import compare_all
from facegap.scoring.listed import compare_pairs, pairs_by_subject, score_pairs
from facegap.scoring.per_subject import compare_subjects

__all__ = ["compare_all", "compare_pairs", "compare_subjects", "pairs_by_subject", "score_pairs"]
