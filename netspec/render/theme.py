"""Colors of pictures. Kinds were chosen to differ for every kind of color vision; a test holds how much."""

from __future__ import annotations

from typing import Final

from netspec.record import record


@record(frozen=True, slots=True)
class Theme:
    """The colors of a picture."""

    background: str
    text: str
    faint: str
    """Second lines, frames and edges."""
    frame: str
    """The background of an open level."""
    error: str
    fills: dict[str, str]
    """The color of a box, by kind."""
    marks: dict[str, str]
    """The color of a box in a drawn difference, by its change; empty if unchanged."""


MARK_SIGNS: Final = {"": " ", "added": "+", "removed": "-", "changed": "~", "follows": "·"}
"""The prefix of a box in the text of a difference, as in `netspec diff`."""

_LIGHT: Final = {
    "conv": "#8daedb", "dense": "#b1a4ff", "norm": "#d7c1d0", "activation": "#fff068", "pool": "#dd9d83",
    "join": "#c2db87", "shape": "#c1d8ff", "recurrent": "#c3ac51", "attention": "#fb88a4",
    "level": "#bcffd8", "dropout": "#f3f6ff", "constant": "#f3f6ff", "other": "#f3f6ff", "input": "#ffffff",
    "output": "#ffffff",
}  # fmt: skip
_DARK: Final = {
    "conv": "#002676", "dense": "#114fb5", "norm": "#400f00", "activation": "#814d00", "pool": "#692202",
    "join": "#1f5d2c", "shape": "#5b407a", "recurrent": "#2a2e2b", "attention": "#96004f",
    "level": "#505a6b", "dropout": "#39113b", "constant": "#39113b", "other": "#39113b", "input": "#1b1f24",
    "output": "#1b1f24",
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
"""All themes by name; `print` has no color."""


def shaded(theme: Theme, share: float) -> str:
    """A color between the background and the strongest blue, for a share from 0 to 1."""
    low, high = ("#f2f6fa", "#2b6cb0") if theme.background == "#ffffff" else ("#1d2630", "#4aa3ff")
    a, b = (tuple(int(c[k : k + 2], 16) for k in (1, 3, 5)) for c in (low, high))
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in zip(a, b, strict=True))
