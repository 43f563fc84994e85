"""What is written appears whole or not at all, and one run at a time writes it.

`whole` writes files, `folder` a whole folder; `claim` says who is writing, and clears up after runs that died.
"""

from facegap.run.files.claim import claimed
from facegap.run.files.whole import claimed_files, whole_file, written_whole
from facegap.run.files.whole_folder import claimed_folder, current, written_folder

__all__ = [
    "claimed",
    "claimed_files",
    "claimed_folder",
    "current",
    "whole_file",
    "written_folder",
    "written_whole",
]
