"""A line chart as plain SVG: enough for a page of documentation, and nothing to install."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from math import ceil, floor, log10
from pathlib import Path

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 80, 200, 50, 60
COLOURS = ("#1d4f91", "#b3431e", "#2f7d4f", "#6b4a9a", "#8a6d00", "#555555")
DASHES = ("", "7 4", "2 3", "10 3 2 3", "5 2", "1 2")


def line_chart(
    path: Path,
    title: str,
    x: str,
    y: str,
    lines: Mapping[str, Points],
    *,
    logarithmic: bool = False,
    marked: Mapping[str, tuple[float, float]] | None = None,
) -> None:
    """Draw these lines; ``marked`` are single points, each with its word beside it."""
    points = [point for line in lines.values() for point in line]
    across, x_ticks = _scale([p[0] for p in points], LEFT, WIDTH - RIGHT, logarithmic)
    up, y_ticks = _scale([p[1] for p in points], HEIGHT - BOTTOM, TOP, logarithmic)
    said = "; ".join(
        f"{name}: " + ", ".join(f"{_short(a)} gives {_short(b)}" for a, b in line)
        for name, line in lines.items()
    )
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' font-family="sans-serif" font-size="14" fill="#222222">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(said)}.</desc>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="28" font-size="17">{escape(title)}</text>',
    ]
    foot = HEIGHT - BOTTOM
    for tick in x_ticks:
        at = across(tick)
        drawn.append(f'<path d="M{at:.1f} {TOP}V{foot}" stroke="#e3e3e3"/>')
        drawn.append(_text(at, foot + 20, _short(tick), "middle"))
    for tick in y_ticks:
        at = up(tick)
        drawn.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#e3e3e3"/>')
        drawn.append(_text(LEFT - 8, at + 5, _short(tick), "end"))
    drawn.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, x, "middle"))
    middle = (TOP + foot) / 2
    drawn.append(
        f'<text x="20" y="{middle}" text-anchor="middle"'
        f' transform="rotate(-90 20 {middle})">{escape(y)}</text>'
    )
    for place, (name, line) in enumerate(lines.items()):
        colour, dash = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
        way = "L".join(f"{across(a):.1f} {up(b):.1f}" for a, b in line)
        drawn.append(
            f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="2"'
            f' stroke-dasharray="{dash}"/>'
        )
        drawn += [
            f'<circle cx="{across(a):.1f}" cy="{up(b):.1f}" r="3" fill="{colour}"/>'
            for a, b in line
        ]
        key = TOP + 10 + 24 * place
        edge = WIDTH - RIGHT + 15
        drawn.append(
            f'<path d="M{edge} {key}h28" stroke="{colour}" stroke-width="2"'
            f' stroke-dasharray="{dash}"/>'
        )
        drawn.append(_text(edge + 36, key + 5, name, "start"))
    for word, (a, b) in (marked or {}).items():
        drawn.append(
            f'<circle cx="{across(a):.1f}" cy="{up(b):.1f}" r="7" fill="none" stroke="#222222"'
            ' stroke-width="2"/>'
        )
        drawn.append(_text(across(a) + 11, up(b) - 9, word, "start"))
    path.write_text("\n".join([*drawn, "</svg>", ""]))


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _scale(
    values: Sequence[float], first: float, last: float, logarithmic: bool
) -> tuple[Callable[[float], float], list[float]]:
    """Where a value goes between these two edges, and the values to write at the edge."""
    if logarithmic:
        low, high = floor(log10(min(values))), ceil(log10(max(values)))
        ticks = [float(10**power) for power in range(low, high + 1)]
        return lambda v: first + (log10(v) - low) / (high - low) * (last - first), ticks
    step = 10 ** floor(log10((max(values) - min(values)) or 1))
    if (max(values) - min(values)) / step < 4:
        step /= 2
    bottom, top = step * floor(min(values) / step), step * ceil(max(values) / step)
    ticks = [bottom + step * place for place in range(round((top - bottom) / step) + 1)]
    return lambda v: first + (v - bottom) / (top - bottom) * (last - first), ticks
