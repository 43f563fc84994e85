"""From embeddings, or scores, to counted scores."""

from facegap.scoring.compare import compare_all
from facegap.scoring.cpu.compiled import must_compile
from facegap.scoring.cpu.products import Kept
from facegap.scoring.device import check_device
from facegap.scoring.every_pair import EveryPair
from facegap.scoring.keeping import Keeper
from facegap.scoring.listed import ListedComparisons, blocks_of_pairs, score_pairs
from facegap.scoring.per_subject import compare_subjects
from facegap.scoring.weighed import MOST, blocks_of_all, by_subject

Comparisons = EveryPair | ListedComparisons
"""What can be counted, and counted again by subject."""

__all__ = [
    "MOST",
    "Comparisons",
    "EveryPair",
    "Keeper",
    "Kept",
    "ListedComparisons",
    "blocks_of_all",
    "blocks_of_pairs",
    "by_subject",
    "check_device",
    "compare_all",
    "compare_subjects",
    "must_compile",
    "score_pairs",
]
