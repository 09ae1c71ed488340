"""Colours of pictures. Kinds differ in lightness as well as in hue, so that they differ to every eye."""

from __future__ import annotations

from typing import Final

from netspec.record import record


@record(frozen=True, slots=True)
class Theme:
    """What a picture is drawn with."""

    background: str
    text: str
    faint: str
    """Second lines, frames and edges."""
    frame: str
    """What an open level is filled with."""
    error: str
    fills: dict[str, str]
    """The colour of a box, by kind."""
    marks: dict[str, str]
    """The colour of a box in the picture of a difference, by what became of it; empty for nothing."""


_LIGHT: Final = {
    "conv": "#bcd7f0", "dense": "#d9c8ec", "norm": "#e9e6d2", "activation": "#f7e6a4", "pool": "#f3c6a5",
    "join": "#a8dcc0", "shape": "#dfe3e8", "recurrent": "#c5d6a9", "attention": "#edb9c9", "dropout": "#eeeeee",
    "constant": "#eeeeee", "other": "#eeeeee", "level": "#d3dce6", "input": "#ffffff", "output": "#ffffff",
}  # fmt: skip
_DARK: Final = {
    "conv": "#1f4e79", "dense": "#53397a", "norm": "#4b4631", "activation": "#6b5a13", "pool": "#7a4420",
    "join": "#1d5b3d", "shape": "#39414c", "recurrent": "#45582a", "attention": "#6f2c42", "dropout": "#333333",
    "constant": "#333333", "other": "#333333", "level": "#2d3b4b", "input": "#1b1f24", "output": "#1b1f24",
}  # fmt: skip

_LIGHT_MARKS: Final = {
    "": "#f6f8fa", "added": "#a8dcc0", "removed": "#f3b6ae", "changed": "#f7e6a4", "follows": "#e4ecf4",
}  # fmt: skip
_DARK_MARKS: Final = {
    "": "#1f252c", "added": "#1d5b3d", "removed": "#6e2a24", "changed": "#6b5a13", "follows": "#273849",
}  # fmt: skip

THEMES: Final = {
    "light": Theme("#ffffff", "#1a1f26", "#5b6673", "#f6f8fa", "#c0392b", _LIGHT, _LIGHT_MARKS),
    "dark": Theme("#14171b", "#e8ecf1", "#9aa6b2", "#1b1f24", "#ff6b5e", _DARK, _DARK_MARKS),
    "print": Theme(
        "#ffffff",
        "#000000",
        "#444444",
        "#ffffff",
        "#000000",
        dict.fromkeys(_LIGHT, "#ffffff"),
        dict.fromkeys(_LIGHT_MARKS, "#ffffff"),
    ),
}
"""All themes by name; `print` has no colour."""


def shaded(theme: Theme, share: float) -> str:
    """A colour between the background and the strongest blue, for a share from 0 to 1."""
    low, high = ("#f2f6fa", "#2b6cb0") if theme.background == "#ffffff" else ("#1d2630", "#4aa3ff")
    a, b = (tuple(int(c[k : k + 2], 16) for k in (1, 3, 5)) for c in (low, high))
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in zip(a, b, strict=True))
