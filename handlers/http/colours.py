"""A council's colour as four that can be read: on white, on our dark ground, and as a tint.

WCAG 2.2 asks for a contrast of 4.5 for text. A council's colour may be fine behind white letters
and too pale for a link, or too dark at night; it is darkened or lightened until it can be read.
"""

from __future__ import annotations

Rgb = tuple[float, float, float]  # each 0 to 1

PAPER = "#fffdf9"
NIGHT = "#1d1a20"
_READABLE = 5.5  # a little over 4.5, so that it holds on tinted ground too
_STEPS = 40


def stylesheet_head(colour: str, ink: str) -> str:
    """The custom properties that the stylesheet builds on."""
    day = readable(colour, on=PAPER)
    night = readable(colour, on=NIGHT)
    return (
        f":root{{--brand:{colour};--on-brand:{ink};--accent:{day};"
        f"--tint:{mix(colour, '#ffffff', 0.9)};--line:{mix(colour, '#d8cfc6', 0.8)}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{--accent:{night};"
        f"--tint:{mix(colour, NIGHT, 0.75)};--line:{mix(colour, '#5a525c', 0.8)}}}}}\n"
    )


def readable(colour: str, *, on: str) -> str:
    """The colour, moved towards black or white until it can be read on a ground."""
    goal = "#000000" if _luminance(_rgb(on)) > 0.5 else "#ffffff"
    for step in range(_STEPS + 1):
        tried = mix(colour, goal, step / _STEPS)
        if contrast(tried, on) >= _READABLE:
            return tried
    return goal


def mix(one: str, other: str, share: float) -> str:
    """`share` of the other colour, the rest of the one."""
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round(255 * (a * (1 - share) + b * share)):02x}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """By WCAG, 1 to 21."""
    low, high = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))))
    return (high + 0.05) / (low + 0.05)


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return red, green, blue


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
