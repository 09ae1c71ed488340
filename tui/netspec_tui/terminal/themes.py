"""The light and the dark theme. The colors of the layer kinds are in `netspec.tcss`."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    "netspec-dark",
    primary="#6cb6ff",
    secondary="#8ddb8c",
    accent="#f0b05a",
    foreground="#d6dde6",
    background="#14171b",
    surface="#191d23",
    panel="#20262e",
    error="#ff7b72",
    warning="#e3b341",
    success="#7ee787",
    dark=True,
    variables={
        "edge": "#363f4a",
        "quiet": "#8b96a3",
        "cursor-row": "#1f3d5c",
        "cursor-row-far": "#232b35",
        "marked-row": "#4d3b1c",
        "match-row": "#3d3a1e",
        "wrong-text": "#5c2528",
        "doubtful-text": "#4a401c",
    },
)
LIGHT = Theme(
    "netspec-light",
    primary="#0b5cad",
    secondary="#1a7f37",
    accent="#9a5b00",
    foreground="#1a1f26",
    background="#fbfcfd",
    surface="#f3f5f8",
    panel="#e6eaf0",
    error="#b3261e",
    warning="#8a6100",
    success="#1a7f37",
    dark=False,
    variables={
        "edge": "#b8c2ce",
        "quiet": "#5c6773",
        "cursor-row": "#c9e0f8",
        "cursor-row-far": "#e4eaf1",
        "marked-row": "#f8e1bb",
        "match-row": "#f4edc4",
        "wrong-text": "#f8d3d0",
        "doubtful-text": "#f3e8c0",
    },
)
