"""Genuine and impostor scores in a file each, as pyeer reads them: a score a line, in the last column."""

import re
from pathlib import Path

import numpy as np
import polars as pl

from facegap.data.finding import Finding, FindingCode
from facegap.data.score_list import ScoreList
from facegap.datasets.part import ReadScores
from facegap.datasets.scores.batches import first_line, lines
from facegap.datasets.scores.bob import is_number
from facegap.errors import InputError

WORDS = (("genuine", "impostor"), ("genuine", "imposter"), ("mated", "nonmated"), ("gen", "imp"), ("true", "false"))
"""What tells the two files of a pair apart, in their names."""


def both_files(path: Path) -> tuple[Path, Path] | None:
    """Return the files of the genuine and of the impostor scores, where one is beside the other, or None."""
    for words in WORDS:
        for mine, other in (words, words[::-1]):
            found = re.search(rf"(?<![a-z]){mine}(?![a-z])", path.name, re.IGNORECASE)
            if found is None:
                continue
            partner = path.with_name(
                path.name[: found.start()] + _like(found.group(), other) + path.name[found.end() :]
            )
            if partner.is_file():
                return (path, partner) if mine == words[0] else (partner, path)
    return None


def is_one_of_two(path: Path) -> bool:
    """Return whether a text file has a score a line: nothing else, or in the last column where its partner is there."""
    fields = first_line(path).split()
    return bool(fields) and is_number(fields[-1]) and (len(fields) == 1 or both_files(path) is not None)


def read_two_files(path: Path) -> ReadScores:
    """Return the scores of a file and its partner.

    Raises:
        InputError: there is no partner, or a line does not end in a number.
    """
    files = both_files(path)
    if files is None:
        raise InputError(
            "{path} holds a score a line: name it like genuine.txt, with impostor.txt beside it, or give a table "
            "with path_a, path_b, score and same",
            path=path,
        )
    scores = ScoreList()
    missing = 0
    for file, same in zip(files, (True, False), strict=True):
        row = 0
        for batch in lines(file):
            last = batch.str.extract(r"(\S+)$").cast(pl.Float64, strict=False)
            if last.null_count():
                at = int(last.is_null().arg_true()[0])
                raise InputError(
                    "{file}, row {row}: found {line!r}, expected a score at the end",
                    file=file,
                    row=row + at + 1,
                    line=batch[at],
                )
            single = last.to_numpy().astype(np.float32)
            single[~np.isfinite(single)] = np.nan
            unknown = np.full(len(single), -1)
            scores.add(unknown, unknown, single, np.full(len(single), same))
            missing += int(np.isnan(single).sum())
            row += len(batch)
    findings = [Finding.of(FindingCode.UNKNOWN_SUBJECTS, place=str(path))]
    if missing:
        findings.append(Finding.of(FindingCode.WITHOUT_SCORE, place=str(path), comparisons=missing))
    frame = pl.DataFrame(schema={"path": pl.String, "subject": pl.String})
    how = f"genuine scores in {files[0].name}, impostor scores in {files[1].name}, {len(scores)} comparisons"
    return ReadScores(frame, scores, np.zeros(0, bool), how, findings=tuple(findings))


def _like(word: str, other: str) -> str:
    """Return the other word in the case of the one."""
    return other.upper() if word.isupper() else other.capitalize() if word[0].isupper() else other
