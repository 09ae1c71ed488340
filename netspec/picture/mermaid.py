"""A scene as a Mermaid flowchart, for Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.picture.scene import Box, Scene
from netspec.picture.theme import THEMES


def mermaid(scene: Scene, theme: str = "light") -> str:
    """The text of a flowchart."""
    ids: dict[int, str] = {}
    lines = ["flowchart TD"]
    for box in scene.boxes:
        lines += _box(box, ids, "  ")
    lines += [f"  {ids[id(a)]} --> {ids[id(b)]}" for a, b in scene.edges]
    fills = THEMES[theme].fills
    by_kind: dict[str, list[str]] = {}
    for box in scene.leaves:
        by_kind.setdefault(box.kind, []).append(ids[id(box)])
    lines += [
        f"  classDef {kind} fill:{fills[kind]},stroke:{THEMES[theme].faint},color:{THEMES[theme].text}"
        for kind in by_kind
    ]
    lines += [f"  class {','.join(nodes)} {kind}" for kind, nodes in by_kind.items()]
    return "\n".join(lines) + "\n"


def _box(box: Box, ids: dict[int, str], margin: str) -> Iterator[str]:
    name = ids.setdefault(id(box), f"n{len(ids)}")
    times = f" ×{box.times}" if box.times > 1 else ""
    if box.is_open:
        yield f'{margin}subgraph {name}["{_text(f"{box.name}{times}")}"]'
        for child in box.children:
            yield from _box(child, ids, f"{margin}  ")
        yield f"{margin}end"
        return
    shape = f"[{', '.join(map(str, box.shape))}]" if box.shape is not None else ""
    said = [
        f"<b>{_text(box.name)}</b>{times}",
        _text(f"{box.op} {box.arguments}".strip()),
        _text(shape),
    ]
    yield f'{margin}{name}["{"<br>".join(s for s in said if s)}"]'


def _text(text: str) -> str:
    return (
        text.replace("&", "&amp;")
        .replace('"', "&quot;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("#", "&num;")
    )
