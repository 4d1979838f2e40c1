"""`make demo` in a clean clone of the last commit, with an empty folder of crates and no compiled engine:
seconds until the page is there, and seconds of processor time of everything that ran.

Whatever else the machine does makes the former longer; the latter, divided among the cores, is what
they take if they do nothing else and never wait for each other.
"""

import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import figures

CORES = len(os.sched_getaffinity(0))
README = figures.ROOT / "README.md"
# Seconds of the clock that a newcomer is asked for, at most.
WANTED = 300
# By the clock, a quiet machine takes this much more than its cores are at work.
BUSY = 1.5
# Variables that would lead the clone to what was built or fetched before.
FOREIGN = ("CARGO_TARGET_DIR", "MAKEFLAGS", "MAKELEVEL")


def measured(folder):
    """Seconds of the clock and of the processors, from the clone to the page."""
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment |= {"CARGO_HOME": str(folder / "cargo"), "THIMBLE_CACHE": str(folder / "cache")}
    clone = folder / "thimble"
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["git", "clone", "--quiet", figures.ROOT, clone], check=True)
    subprocess.run(["make", "--no-print-directory", "demo"], cwd=clone, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - began, spent


def main(parent):
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        took, spent = measured(pathlib.Path(folder))
    head = ["seconds of the clock", "seconds of processor time", f"divided among {CORES} cores"]
    rows = [[f"{took:.0f}", f"{spent:.0f}", f"{spent / CORES:.0f}"]]
    figures.write("demo", [f"{figures.processor()}, {CORES} cores.", "", *figures.table(head, rows)])
    figures.write("demo", [
        f"From nothing, the demo took {took / 60:.1f} minutes on {CORES} cores, nearly all of it compiling: {spent / 60:.1f}",
        "minutes of processor time."
    ], README)
    print(f"demo: {took:.0f} s, {'within' if took <= WANTED else 'more than'} the {WANTED} s that are wanted")
    if took > BUSY * spent / CORES:
        print("demo: the machine did something else meanwhile, or waited for the network; measure again when it is quiet")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
