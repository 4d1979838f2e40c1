"""Puts figures into BENCHMARKS.md and other pages: each command that measures has a section of its own."""

import pathlib
import platform

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "BENCHMARKS.md"
PERFORMANCE = ROOT / "docs" / "performance.md"


def write(section, lines, where=PAGE):
    """Replaces what stands between the markers of a section of a page."""
    page = where.read_text()
    start, end = f"<!-- {section}:start -->", f"<!-- {section}:end -->"
    before, found, rest = page.partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{where.name} lacks the markers {start} and {end}")
    text = "\n".join(lines)
    where.write_text(f"{before}{start}\n{text}\n{end}{after}")
    print(f"wrote the section {section} of {where.name}")


def processor():
    """Name of the processor, as the machine tells it."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def table(head, rows):
    """A table of Markdown whose first column is of names, and the others of numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
