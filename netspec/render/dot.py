"""A scene in the language of Graphviz. Labels are tables: name, call, shape, costs."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from netspec.render.box import Box, Scene
from netspec.render.escape import dot_id, dot_label, dot_string, dot_tip, visible
from netspec.render.theme import THEMES, Theme, shaded
from netspec.report.numbers import scaled

_FONT = "Helvetica,Arial,DejaVu Sans,sans-serif"
_MEASURES = {"params": "parameters", "macs": "macs", "activations": "activations"}


def dot(
    scene: Scene, theme: str = "light", by: str = "", *, legend: bool = True, links: bool = True
) -> str:
    """The text that `dot` draws; `by` shades boxes by their `params` or `macs`.

    A box leads to its line of the spec; without `links` it has its path as an id, for a page that knows more.
    """
    return "\n".join(_Dot(scene, THEMES[theme], by, links=links).lines(legend=legend)) + "\n"


class _Dot:
    """One scene being written."""

    def __init__(self, scene: Scene, theme: Theme, by: str, *, links: bool) -> None:
        self.scene, self.theme, self.by, self.links = scene, theme, by, links
        self.ids: dict[Box, str] = {}
        most = max((self._measure(box) for box in scene.leaves), default=0)
        self.most = most or 1
        self.clusters = 0
        self.marked = any(box.mark for box in scene.leaves)

    def lines(self, *, legend: bool) -> Iterator[str]:
        """The graph, line by line."""
        theme = self.theme
        yield f"digraph {dot_string(self.scene.name)} {{"
        yield (
            f'  graph [rankdir=TB, bgcolor="{theme.background}", fontname="{_FONT}", fontcolor="{theme.text}", '
            f'fontsize=11, nodesep=0.25, ranksep=0.3, pad=0.3, tooltip=" "];'
        )
        yield f'  node [shape=plain, fontname="{_FONT}", fontcolor="{theme.text}", fontsize=10];'
        yield f'  edge [color="{theme.faint}", arrowsize=0.6, penwidth=1.1, tooltip=" "];'
        for box in self.scene.boxes:
            yield from self._box(box, "  ")
        order = {box: k for k, box in enumerate(self.scene.leaves)}
        for source, target in self.scene.edges:
            again = order[source] > order[target]
            gone = "removed" in (source.mark, target.mark)
            style = (
                " [style=dashed, constraint=false]"
                if again and not gone
                else " [style=dashed]"
                if gone
                else ""
            )
            yield f"  {self._id(source)} -> {self._id(target)}{style};"
        if legend and not self.by:
            yield from self._legend()
        yield "}"

    def _id(self, box: Box) -> str:
        return self.ids.setdefault(box, f"n{len(self.ids)}")

    def _box(self, box: Box, margin: str) -> Iterator[str]:
        if not box.is_open:
            attributes = (
                f"label=<{self._label(box)}>, tooltip={dot_tip(_tip(box))}{self._lead(box)}"
            )
            yield f"{margin}{self._id(box)} [{attributes}];"
            return
        self.clusters += 1
        yield f"{margin}subgraph cluster_{self.clusters} {{"
        yield (
            f'{margin}  graph [label=<{_title(box)}>, labeljust=l, style="rounded,filled", '
            f'color="{self.theme.faint}", fillcolor="{self.theme.frame}", penwidth=0.8, margin=10, '
            f"tooltip={dot_tip(_tip(box))}];"
        )
        for child in box.children:
            yield from self._box(child, f"{margin}  ")
        yield f"{margin}}}"

    def _lead(self, box: Box) -> str:
        """Where a box leads to."""
        return _link(box) if self.links else f", id={dot_id(f'box {box.path or box.name}')}"

    def _label(self, box: Box) -> str:
        """A table of one cell a line."""
        theme = self.theme
        name = (
            f"<S>{dot_label(box.name)}</S>"
            if box.mark == "removed"
            else f"<B>{dot_label(box.name)}</B>"
        )
        rows = [f"{name}{_times(box)}"]
        if box.op or box.arguments:
            call = f"{box.op} {box.arguments}".strip()
            rows.append(f"<I>{dot_label(call)}</I>")
        if box.way:
            rows.append(dot_label(box.way))
        rows += [dot_label(note) for note in box.notes]
        if box.sizes is not None:
            rows.append(dot_label(f"[{', '.join(box.sizes)}]"))
        if box.parameters:
            rows.append(f'<FONT POINT-SIZE="9">{scaled(box.parameters)} parameters</FONT>')
        if self.by == "macs" and box.uncounted:
            rows.append(f'<FONT POINT-SIZE="9">{box.macs_text} MACs</FONT>')
        rows += [
            f'<FONT COLOR="{theme.error}"><B>{dot_label(_wrapped(e))}</B></FONT>'
            for e in box.errors
        ]
        cells = "".join(f"<TR><TD>  {row}  </TD></TR>" for row in rows)
        border, color = (2, theme.error) if box.errors else (1, theme.faint)
        return (
            f'<TABLE BORDER="{border}" COLOR="{color}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1" '
            f'STYLE="ROUNDED" BGCOLOR="{self._fill(box)}">{cells}</TABLE>'
        )

    def _fill(self, box: Box) -> str:
        if self.marked:
            return self.theme.marks[box.mark]
        if self.by:
            return shaded(self.theme, self._measure(box) / self.most)
        return self.theme.fills[box.kind]

    def _measure(self, box: Box) -> int:
        return int(getattr(box, _MEASURES.get(self.by, "parameters")))

    def _legend(self) -> Iterator[str]:
        """The legend: each kind, or each status of boxes, with its color."""
        colors = self.theme.marks if self.marked else self.theme.fills
        met = {box.mark if self.marked else box.kind for box in self.scene.leaves}
        named = [
            k for k in colors if k in met and k not in ("", "input", "output", "level", "other")
        ]
        if len(named) + self.marked < 2 or len(set(colors.values())) == 1:
            return
        cells = "".join(f'<TD BGCOLOR="{colors[k]}">{k}</TD>' for k in named)
        attributes = 'BORDER="0" CELLBORDER="0" CELLSPACING="4" CELLPADDING="3"'
        table = f"<TABLE {attributes}><TR>{cells}</TR></TABLE>"
        yield f'  legend [label=<{table}>, tooltip="legend of the colors"];'
        ends = {s for s, _ in self.scene.edges}
        for box in self.scene.leaves:
            if box not in ends:
                yield f"  {self._id(box)} -> legend [style=invis];"


def _title(box: Box) -> str:
    op = f" {dot_label(box.op)}" if box.op else ""
    way = f"  {dot_label(box.way)}" if box.way else ""
    return f"<B>{dot_label(box.name)}</B>{op}{_times(box)}{way}"


def _times(box: Box) -> str:
    return f" <B>×{box.times}</B>" if box.times > 1 else ""


def _tip(box: Box) -> str:
    """The tooltip of a box."""
    parts = [
        box.path or box.name,
        box.doc,
        f"{box.macs_text} MACs" if box.macs_text else "",
    ]
    if box.nodes > 1:
        parts.append(f"{box.nodes:,} nodes")
    if box.span is not None:
        parts.append(f"{box.span[0]}:{box.span[1]}")
    ways = [f"{axis}: {way}" for axis, way in box.ways]
    return "\n".join([*(p for p in parts if p), *ways, *box.errors])


def _link(box: Box) -> str:
    """The line of the spec, if it is a file."""
    if box.span is None or box.span[0].startswith("<"):
        return ""
    file, line = box.span
    return f", URL={dot_id(f'{quote(visible(file))}#L{line}')}"


def _wrapped(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
