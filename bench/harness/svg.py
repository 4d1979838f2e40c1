"""A few shapes of SVG: panels of bars, panels of lines, and a page of panels.

Drawings have a background of their own, so that they read the same on light
and dark pages.
"""

import math
from dataclasses import dataclass
from html import escape

WIDTH, GAP, TITLE = 440, 24, 40
INK, FAINT, PAPER = "#212529", "#ced4da", "#ffffff"
LABEL, BAR = 150, 18


@dataclass
class Bar:
    """One bar and what it stands for."""

    label: str
    value: float
    color: str


@dataclass
class Line:
    """One line and what it stands for."""

    label: str
    points: list
    color: str


@dataclass
class Panel:
    """Shapes, and how much room they take."""

    height: float
    shapes: list


def text(x, y, words, anchor="start", size=12, color=INK, weight="normal"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'font-weight="{weight}" fill="{color}">{escape(words)}</text>'
    )


def bars(title, found):
    """Horizontal bars, the name before and the value behind each."""
    longest = max((bar.value for bar in found), default=1)
    room = WIDTH - LABEL - 50
    shapes = [text(0, 14, title, size=13, weight="bold")]
    for index, bar in enumerate(found):
        y = 26 + index * (BAR + 4)
        width = room * bar.value / longest
        shapes.append(text(LABEL - 8, y + 13, bar.label, anchor="end"))
        shapes.append(f'<rect x="{LABEL}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{bar.color}"/>')
        shapes.append(text(LABEL + width + 5, y + 13, _number(bar.value)))
    return Panel(26 + len(found) * (BAR + 4), shapes)


def lines(title, axis, found, height=260):
    """Lines over a linear grid that begins at zero, each named at its end."""
    left, right, top, bottom = 40, WIDTH - 130, 30, height - 40
    most_x = max(x for line in found for x, _ in line.points)
    step = _step(max(y for line in found for _, y in line.points))
    most_y = step * math.ceil(max(y for line in found for _, y in line.points) / step)

    def place(x, y):
        return left + (right - left) * x / most_x, bottom - (bottom - top) * y / most_y

    shapes = [text(0, 14, title, size=13, weight="bold")]
    for number in range(round(most_y / step) + 1):
        _, y = place(0, number * step)
        shapes.append(f'<line x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{FAINT}"/>')
        shapes.append(text(left - 6, y + 4, _number(number * step), anchor="end", size=11))
    for x, _ in max(found, key=lambda line: len(line.points)).points:
        shapes.append(text(place(x, 0)[0], bottom + 16, _number(x), anchor="middle", size=11))
    shapes.append(text((left + right) / 2, bottom + 34, axis, anchor="middle"))
    for line, y in zip(found, _apart([place(*line.points[-1])[1] for line in found])):
        corners = " ".join("{:.1f},{:.1f}".format(*place(*point)) for point in line.points)
        shapes.append(f'<polyline points="{corners}" fill="none" stroke="{line.color}" stroke-width="2.5"/>')
        shapes.extend(_dot(*place(*point), line.color) for point in line.points)
        shapes.append(text(right + 8, y + 4, line.label, color=line.color, weight="bold"))
    return Panel(height, shapes)


def page(title, panels, columns):
    """Panels in rows of `columns`, under a title."""
    rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    shapes, y = [text(GAP, 28, title, size=16, weight="bold")], TITLE + GAP / 2
    for row in rows:
        for column, panel in enumerate(row):
            x = GAP + column * (WIDTH + GAP)
            shapes.append(f'<g transform="translate({x:.0f} {y:.0f})">{"".join(panel.shapes)}</g>')
        y += max(panel.height for panel in row) + GAP
    width = GAP + columns * (WIDTH + GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y:.0f}" width="{width}" height="{y:.0f}" '
        f'font-family="system-ui, sans-serif" role="img">\n<title>{escape(title)}</title>\n'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>\n' + "\n".join(shapes) + "\n</svg>\n"
    )


def _dot(x, y, color):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>'


def _number(value):
    return f"{value:.0f}" if value >= 100 or value == round(value) else f"{value:.1f}"


def _step(most):
    """A round step that makes four to eight lines of a grid."""
    power = 10 ** math.floor(math.log10(most / 4))
    return next(power * factor for factor in (1, 2, 5, 10) if most / (power * factor) <= 8)


def _apart(places, least=15):
    """The same places, moved down where labels would overlap."""
    moved, last = [0.0] * len(places), -math.inf
    for index in sorted(range(len(places)), key=lambda index: places[index]):
        last = moved[index] = max(places[index], last + least)
    return moved
