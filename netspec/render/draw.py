"""A scene in a format by its name."""

from __future__ import annotations

from netspec.render.box import Scene
from netspec.render.boxes import boxes
from netspec.render.dot import dot
from netspec.render.engine import MOST_BOXES, Cancelled, EngineError, draw
from netspec.render.mermaid import mermaid
from netspec.render.rail import rail

DRAWN = ("svg", "png", "pdf")
"""Formats that require Graphviz."""
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
        reject_too_large(scene)
        return draw(dot(scene, theme, by), format, cancelled=cancelled)
    raise ValueError(f"`{format}` is not a format: choose from {', '.join((*DRAWN, *WRITTEN))}")


def reject_too_large(scene: Scene) -> None:
    """Raise `EngineError` for a scene that Graphviz could not lay out in time."""
    count = len(scene.leaves)
    if count > MOST_BOXES:
        raise EngineError(
            f"{count:,} boxes exceed the limit for Graphviz ({MOST_BOXES:,})",
            "fold levels with `--depth`, draw one with `--focus`, or use `--format rail`, "
            "`dot` or `mermaid`",
        )
