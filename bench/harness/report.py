"""Figures to Markdown: tables for the terminal, BENCHMARKS.md and its plots."""

import goals
import plots
from measure import ratio
from tools import CHECKOUT
from workers import COMMANDS, LABELS, NATIVE, ONCE, SHARP, THIMBLE

PAGE = CHECKOUT / "BENCHMARKS.md"
PLOTS = CHECKOUT / "docs" / "images"
START, END = "<!-- bench:start -->", "<!-- bench:end -->"

WORKLOADS = {
    "t3": "Three thumbnails: inside 75x75, 125x125 and 1280x720",
    "t1": "One thumbnail: inside 256x256",
}


def write(results):
    """Replaces what stands between the markers of BENCHMARKS.md, and the plots."""
    drawings = plots.draw(results)
    content = f"{_run(results)}\n{_drawn(drawings)}\n{tables(results)}"
    # First of all, so that a page that cannot be written leaves all as it was.
    page = _between_markers(PAGE.read_text(), content)
    PLOTS.mkdir(parents=True, exist_ok=True)
    for name, drawing in drawings.items():
        (PLOTS / name).write_text(drawing)
    PAGE.write_text(page)
    print(f"bench: wrote {PAGE.name} and {PLOTS.relative_to(CHECKOUT)}/bench-*.svg")


def _between_markers(page, content):
    """The page with new content between this bench's markers; other sections are other people's."""
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise SystemExit(f"bench: {PAGE.name} lacks the markers {START} and {END}; put them where the tables belong")
    return f"{before}{START}\n{content}\n{END}{after}"


def _drawn(drawings):
    folder = PLOTS.relative_to(CHECKOUT).as_posix()
    return "\n".join(f"![{plots.TITLES[name]}]({folder}/{name})\n" for name in drawings)


IMAGES = {
    True: "made by the project; command: `make bench`",
    False: "a folder of photographs and screenshots; command: `make bench BENCH_IMAGES=folder`",
}


def tables(results):
    """Every table of a run."""
    parts = [_times(results, workload) for workload in WORKLOADS]
    parts += [_ratios(results), _quality(results), _memory(results), _host(results)]
    return "\n".join(part for part in parts if part)


def _run(results):
    machine = results.machine
    versions = ", ".join(f"{name} {number}" for name, number in results.versions.items())
    pinned = "one of them used" if machine["pinned"] else "not pinned to one"
    return (
        f"- Processor: {machine['processor']}, {machine['cores']} cores, {pinned}\n"
        f"- System: {machine['system']}\n- Versions: {versions}\n- Images: {IMAGES[machine['own_images']]}\n"
    )


def _table(head, rows, numbers_from=1):
    lines = [head, ["---" if index < numbers_from else "---:" for index in range(len(head))], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _times(results, workload):
    rows = results.of(workload)
    names = [name for name in COMMANDS if any(name in row.turns for row in rows)]
    body = [[row.image, *(_milliseconds(row.turns.get(name)) for name in names)] for row in rows]
    failures = sorted(
        {f"- {row.image}: {turns.error}" for row in rows for turns in row.turns.values() if turns.error}
    )
    note = "\n".join(failures) + "\n" if failures else ""
    head = ["CPU milliseconds", *(LABELS[name] for name in names)]
    return f"### {WORKLOADS[workload]}\n\n{_table(head, body)}\n{note}"


def _milliseconds(turns):
    return f"{turns.median:.1f}" if turns is not None and turns.milliseconds else "-"


RATIOS = ((SHARP, "t3"), (ONCE, "t3"), (SHARP, "t1"))


def _ratios(results):
    images = list(dict.fromkeys(row.image for row in results.rows))
    rows = {(row.image, row.workload): row.turns for row in results.rows}
    body = []
    for image in images:
        wanted = {(goal.base, goal.workload): goal.most for goal in goals.of(image)}
        cells = [_share(rows.get((image, name)), THIMBLE, base, wanted.get((base, name))) for base, name in RATIOS]
        body.append([image, *cells, _share(rows.get((image, "t3")), THIMBLE, NATIVE, goals.SANDBOX)])
    head = ["Thimble's time over", "sharp, t3", "sharp decoding once, t3", "sharp, t1", "Thimble native, t3"]
    return (
        "### Ratios\n\nMedian of the rounds' ratios, quartiles in brackets, then the goal; a goal in bold is missed.\n\n"
        + _table(head, body)
    )


def _share(turns, peer, base, most):
    if turns is None or base not in turns or peer not in turns:
        return "-"
    found = ratio(turns, peer, base)
    if found is None:
        return "-"
    text = f"{found.middle:.2f} ({found.low:.2f} to {found.high:.2f})"
    if most is None:
        return text
    return f"{text}, {most:.2f}" if found.middle <= most else f"{text}, **{most:.2f}**"


def _quality(results):
    body = [_judged(image, found) for image, found in results.quality.items() if THIMBLE in found["peers"]]
    if not body:
        return ""
    head = ["Image", "SSIM", "sharp's", "least difference", "PSNR", "sharp's", "KB", "over sharp's", "at equal SSIM"]
    return (
        "### Quality of the three thumbnails\n\nAgainst full decode and Lanczos3, not encoded. SSIM and PSNR (decibels) "
        "are of the largest thumbnail, the difference to sharp's SSIM is the least of the three; sizes are sums.\n\n"
        + _table(head, body)
    )


def _judged(image, found):
    ours, theirs = found["peers"][THIMBLE], found["peers"][SHARP]
    least = min(one["ssim"] - other["ssim"] for one, other in zip(ours, theirs))
    size, base = (sum(entry["bytes"] for entry in entries) for entries in (ours, theirs))
    equal = "-" if found["equal"] is None else f"{found['equal']:.3f}"
    return [
        image, f"{ours[-1]['ssim']:.4f}", f"{theirs[-1]['ssim']:.4f}", f"{least:+.4f}",
        f"{ours[-1]['psnr']:.2f}", f"{theirs[-1]['psnr']:.2f}", f"{size / 1000:.1f}", f"{size / base:.3f}", equal,
    ]


def _memory(results):
    cells = {row.image: row.turns[THIMBLE].memory for row in results.of("t3") if THIMBLE in row.turns}
    body = [[image, f"{size / 1e6:.1f}"] for image, size in cells.items() if size]
    if not body:
        return ""
    return "### Peak linear memory of the sandbox, three thumbnails\n\n" + _table(["Image", "MB"], body)


def _host(results):
    if not results.host:
        return ""
    body = [[step, f"{milliseconds:.3f}"] for step, milliseconds in results.host.items()]
    return "### What the host adds\n\n" + _table(["Step", "CPU milliseconds, median"], body)
