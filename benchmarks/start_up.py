"""How long it takes until a command begins."""

import subprocess
import sys
from statistics import median

from benchmarks.section import Goal, Section, duration, figure
from benchmarks.timing import ratio, take_turns

COMMANDS = {
    "Python alone": ("-c", "pass"),
    "`import facegap`": ("-c", "import facegap"),
    "`facegap --help`": ("-m", "facegap", "--help"),
}
MOST = {"`import facegap`": 0.2, "`facegap --help`": 0.3}


def start_up(starts: int) -> Section:
    """Start Python, import facegap, and show its help, in turns."""

    def starter(arguments: tuple[str, ...]):
        return lambda: subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

    taken = take_turns({name: starter(arguments) for name, arguments in COMMANDS.items()}, starts)
    alone = taken["Python alone"]
    rows = tuple((name, duration(median(s)), figure(ratio(s, alone))) for name, s in taken.items())
    goals = tuple(Goal(name, most, median(taken[name]), " s", most=True) for name, most in MOST.items())
    about = "A new interpreter each time, from its start to its end."
    return Section("Start-up", about, ("", "time", "times Python alone"), rows, goals=goals)
