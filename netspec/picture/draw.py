"""A scene in a format by its name."""

from __future__ import annotations

from netspec.picture.box import Scene
from netspec.picture.boxes import boxes
from netspec.picture.dot import dot
from netspec.picture.engine import Cancelled, draw
from netspec.picture.mermaid import mermaid
from netspec.picture.rail import rail

DRAWN = ("svg", "png", "pdf")
"""Formats that Graphviz lays out."""
WRITTEN = ("dot", "mermaid", "rail", "boxes")
"""Formats that are text of our own."""


def picture(
    scene: Scene,
    format: str,
    theme: str = "light",
    by: str = "",
    cancelled: Cancelled = lambda: False,
) -> str | bytes:
    """The scene, drawn.

    Raises `EngineError` where Graphviz cannot, `CancelledError` where `cancelled` comes to say so, and
    `ValueError` for another format.
    """
    if format == "rail":
        return rail(scene) + "\n"
    if format == "boxes":
        return boxes(scene).text
    if format == "mermaid":
        return mermaid(scene, theme)
    if format == "dot":
        return dot(scene, theme, by)
    if format in DRAWN:
        return draw(dot(scene, theme, by), format, cancelled=cancelled)
    raise ValueError(f"`{format}` is no format: choose from {', '.join((*DRAWN, *WRITTEN))}")
