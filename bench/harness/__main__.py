"""Measures Thimble against the libraries people use today.

    python3 bench/harness full      every image and peer; writes BENCHMARKS.md and its plots
    python3 bench/harness quick     a few images against sharp, on the terminal, in two minutes
    python3 bench/harness report    writes BENCHMARKS.md again from the last full run

The images are made by the project itself, or taken from the folder in `BENCH_IMAGES`.
"""

import sys

import tools

MODES = ("full", "quick", "report")


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in MODES:
        raise SystemExit(__doc__)
    tools.install()
    tools.enter()
    import run  # needs the packages of the environment that was just entered

    {"full": run.full, "quick": run.quick, "report": run.report}[sys.argv[1]]()


if __name__ == "__main__":
    main()
