"""A picture of a few curves over a logarithmic axis, as SVG, without a library."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import ceil, log10

__all__ = ["Line", "plot"]

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 20, 50
COLOURS = ("#3366cc", "#cc6633", "#339966", "#993399")


@dataclass(frozen=True)
class Line:
    """One curve: its name, and its points, from left to right."""

    name: str
    points: list[tuple[int, float]]


def plot(lines: list[Line], across: str, up: str) -> str:
    """The picture; across by powers of ten, up from 0."""
    first = min(x for line in lines for x, _ in line.points)
    last = max(x for line in lines for x, _ in line.points)
    top = nice(max(y for line in lines for _, y in line.points))
    decades = max(log10(last) - log10(first), 1e-9)

    def at_x(x: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (log10(x) - log10(first)) / decades

    def at_y(y: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y / top

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for step in range(5):
        value = top * step / 4
        y = at_y(value)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>'
        )
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    power = 10 ** ceil(log10(first))
    while power <= last:
        x = at_x(power)
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{power:,}</text>'
        )
        power *= 10
    middle = (HEIGHT - BOTTOM + TOP) / 2
    parts.append(
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">{escape(across)}</text>'
    )
    parts.append(
        f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">'
        f"{escape(up)}</text>"
    )
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in line.points)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        for x, y in line.points:
            parts.append(f'<circle cx="{at_x(x):.1f}" cy="{at_y(y):.1f}" r="3" fill="{colour}"/>')
        x, y = line.points[-1]
        parts.append(
            f'<text x="{at_x(x) - 6:.1f}" y="{at_y(y) - 8:.1f}" text-anchor="end" fill="{colour}">'
            f"{escape(line.name)}</text>"
        )
    return "\n".join([*parts, "</svg>", ""])


def nice(value: float) -> float:
    """The next round number, whose quarters are round, too."""
    power = 10.0 ** (ceil(log10(value)) - 1) if value > 0 else 1.0
    return next(step * power for step in (2, 4, 6, 8, 10) if step * power >= value)
