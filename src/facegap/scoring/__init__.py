"""From embeddings to counted scores."""

from facegap.scoring.compare import compare_all
from facegap.scoring.cpu.compiled import must_compile
from facegap.scoring.cpu.products import Kept
from facegap.scoring.device import check_device
from facegap.scoring.listed import compare_pairs, pairs_by_subject, score_pairs
from facegap.scoring.per_subject import compare_subjects

__all__ = [
    "Kept",
    "check_device",
    "compare_all",
    "compare_pairs",
    "compare_subjects",
    "must_compile",
    "pairs_by_subject",
    "score_pairs",
]
