"""Two drawings: time by peer, and how cost grows."""

import svg
from workers import COMMANDS, LABELS, NATIVE, ONCE, SHARP, THIMBLE

COLORS = {
    THIMBLE: "#d9480f",
    NATIVE: "#f4a261",
    SHARP: "#1864ab",
    ONCE: "#74a9d8",
}
OTHER = "#9aa5b1"

# One panel each, if the run had the image: photo, progressive, small, screenshot, WebP.
SHOWN = ("p12.jpg", "p24.jpg", "p12p.jpg", "small.jpg", "shot.png", "p12.webp")


TITLES = {
    "bench-peers.svg": "CPU milliseconds for three thumbnails, by library (shorter is better)",
    "bench-growth.svg": "How CPU milliseconds grow (lower is better)",
}


def draw(results):
    """File names and the drawings that belong into them."""
    drawings = {"bench-peers.svg": _peers(results)}
    if results.growth:
        drawings["bench-growth.svg"] = _growth(results.growth)
    return drawings


def _peers(results):
    rows = results.of("t3")
    shown = [row for row in rows if row.image in SHOWN] or rows[:6]
    panels = []
    for row in shown:
        bars = [
            svg.Bar(LABELS[name], row.turns[name].median, COLORS.get(name, OTHER))
            for name in COMMANDS
            if name in row.turns and row.turns[name].milliseconds
        ]
        panels.append(svg.bars(row.image, bars))
    return svg.page(TITLES["bench-peers.svg"], panels, columns=2)


def _growth(growth):
    panels = [
        svg.lines("Three thumbnails", "megapixels of the source", _series(growth["megapixels"])),
        svg.lines("The largest source", "number of thumbnails", _series(growth["sizes"])),
    ]
    return svg.page(TITLES["bench-growth.svg"], panels, columns=2)


def _series(points):
    names = [name for name in (THIMBLE, NATIVE, ONCE, SHARP) if any(name in cost for _, cost in points)]
    return [
        svg.Line(LABELS[name], [(x, cost[name]) for x, cost in points if name in cost], COLORS[name])
        for name in names
    ]
