"""Measures Thimble against the libraries people use today.

    python3 bench/harness full      every image and peer; writes BENCHMARKS.md and its plots
    python3 bench/harness quick     a few images against sharp, on the terminal, in two minutes
    python3 bench/harness report    writes BENCHMARKS.md again from the last full run
    python3 bench/harness sources   a photograph in other formats; the full run ends with it
    python3 bench/harness efforts   the efforts of the JPEG encoder; the full run ends with it as well
    python3 bench/harness formats FOLDER...   counts what each makes a thumbnail of, for BENCHMARKS.md

The images are made by the project itself, or taken from the folder in `BENCH_IMAGES`.
"""

import sys

import tools

MODES = ("full", "quick", "report", "sources", "efforts")


def main():
    mode, folders = sys.argv[1] if len(sys.argv) > 1 else None, sys.argv[2:]
    if (mode not in MODES or folders) and not (mode == "formats" and folders):
        raise SystemExit(__doc__)
    tools.install()
    tools.enter()
    if mode == "formats":
        import formats

        formats.run(folders)
        return
    sys.path.insert(0, str(tools.BENCH))
    import efforts
    import run  # needs the packages of the environment that was just entered

    import sources

    {"full": run.full, "quick": run.quick, "report": run.report, "sources": sources.run,
     "efforts": efforts.run}[mode]()
    if mode == "full":
        sources.run()
        efforts.run()


if __name__ == "__main__":
    main()
