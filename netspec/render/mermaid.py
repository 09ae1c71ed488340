"""A scene as a Mermaid flowchart, for Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from netspec.render.box import Box, Scene
from netspec.render.escape import mermaid_text
from netspec.render.theme import MARK_SIGNS, THEMES

MOST_CHARACTERS: Final = 50_000
MOST_EDGES: Final = 500
"""The default limits of Mermaid; a page may raise them, a chart may not."""


def mermaid(scene: Scene, theme: str = "light") -> str:
    """The text of a flowchart; if it exceeds a default limit of Mermaid, the first line states that."""
    text = "\n".join(_lines(scene, theme)) + "\n"
    excess = exceeded_limit(scene, text)
    return f"%% {excess}\n{text}" if excess else text


def exceeded_limit(scene: Scene, text: str) -> str:
    """The limit of Mermaid that a chart exceeds, in words; empty for none."""
    parts = []
    if len(scene.edges) > MOST_EDGES:
        parts.append(f"{len(scene.edges):,} edges (at most {MOST_EDGES})")
    if len(text) > MOST_CHARACTERS:
        parts.append(f"{len(text):,} characters (at most {MOST_CHARACTERS:,})")
    if not parts:
        return ""
    return (
        f"Mermaid rejects this chart by default: it has {' and '.join(parts)}. Fold it with "
        "--depth, or raise maxEdges and maxTextSize in the Mermaid configuration."
    )


def _lines(scene: Scene, theme: str) -> Iterator[str]:
    ids: dict[Box, str] = {}
    yield "flowchart TD"
    for box in scene.boxes:
        yield from _box(box, ids, "  ")
    order = {box: k for k, box in enumerate(scene.leaves)}
    for a, b in scene.edges:
        dashed = order[a] > order[b] or "removed" in (a.mark, b.mark)
        yield f"  {ids[a]} {'-.->' if dashed else '-->'} {ids[b]}"
    colors, stroke, ink = THEMES[theme].fills, THEMES[theme].faint, THEMES[theme].text
    marked = any(box.mark for box in scene.leaves)
    by_class: dict[str, list[str]] = {}
    for box in scene.leaves:
        by_class.setdefault(_class(box, marked), []).append(ids[box])
    if marked:
        colors = {_same(mark): fill for mark, fill in THEMES[theme].marks.items()}
    for kind in by_class:
        yield f"  classDef {kind} fill:{colors[kind]},stroke:{stroke},color:{ink}"
    for kind, nodes in by_class.items():
        yield f"  class {','.join(nodes)} {kind}"


def _class(box: Box, marked: bool) -> str:
    return _same(box.mark) if marked else box.kind


def _same(mark: str) -> str:
    return mark or "same"


def _box(box: Box, ids: dict[Box, str], margin: str) -> Iterator[str]:
    name = ids.setdefault(box, f"n{len(ids)}")
    times = f" ×{box.times}" if box.times > 1 else ""
    sign = f"{MARK_SIGNS[box.mark]} " if box.mark else ""
    if box.is_open:
        yield f'{margin}subgraph {name}["{mermaid_text(f"{sign}{box.name}{times}")}"]'
        for child in box.children:
            yield from _box(child, ids, f"{margin}  ")
        yield f"{margin}end"
        return
    shape = f"[{', '.join(box.sizes)}]" if box.sizes is not None else ""
    texts = [box.call, *box.notes, shape, *(f"✗ {error}" for error in box.errors)]
    lines = [f"<b>{mermaid_text(f'{sign}{box.name}')}</b>{times}", *map(mermaid_text, texts)]
    yield f'{margin}{name}["{"<br>".join(s for s in lines if s)}"]'
