"""Documents: text with places where a line may break, and the renderer that decides which of them do.

The algebra is that of pretty printers since Wadler's, with what Python's layout needs beyond it: a bracket that may
break although the line around it stays whole (`Expanding`), parentheses that appear only when they help
(`Parenthesized`), and a choice among whole layouts (`Choice`).
"""

from __future__ import annotations

import unicodedata
from typing import TypeAlias

WIDTH = 88
INDENT = 4


class Scope:
    """Whether the lines of one group are broken, for the documents that depend on that group."""

    __slots__ = ("broken",)

    def __init__(self) -> None:
        self.broken = False


class Line:
    """Text that a line break can replace: while its group is broken, and `scope` too if there is one."""

    __slots__ = ("scope", "text")

    def __init__(self, text: str, scope: Scope | None = None) -> None:
        self.text = text
        self.scope = scope


class Group:
    """Content whose lines all break or none does; `own` makes that known to others.

    Under a `scope`, it is a group only while that one is broken.
    """

    __slots__ = ("broken", "content", "own", "scope")

    def __init__(
        self,
        content: Doc,
        own: Scope | None = None,
        scope: Scope | None = None,
        *,
        broken: bool = False,
    ) -> None:
        self.content = content
        self.own = own
        self.scope = scope
        self.broken = broken


class IfBroken:
    """Content that is there only in a broken group: the one around it, or that of `scope`."""

    __slots__ = ("content", "scope")

    def __init__(self, content: Doc, scope: Scope | None = None) -> None:
        self.content = content
        self.scope = scope


class Indent:
    """Content with lines one level deeper; under a `scope`, only while that one is broken."""

    __slots__ = ("content", "scope")

    def __init__(self, content: Doc, scope: Scope | None = None) -> None:
        self.content = content
        self.scope = scope


class Expanding:
    """Content that may break although the line around it does not, unless `scope` is broken."""

    __slots__ = ("content", "scope")

    def __init__(self, content: Doc, scope: Scope | None) -> None:
        self.content = content
        self.scope = scope


class Parenthesized:
    """Content in parentheses on lines of their own if it is too long without and fits with them."""

    __slots__ = ("content", "own")

    def __init__(self, content: Doc, own: Scope) -> None:
        self.content = content
        self.own = own


class Choice:
    """The first of several layouts whose first line fits, else the last one."""

    __slots__ = ("layouts",)

    def __init__(self, layouts: list[Doc]) -> None:
        self.layouts = layouts


class Break:
    """A line break, always."""

    __slots__ = ()


Doc: TypeAlias = "str | list[Doc] | Line | Group | IfBroken | Indent | Expanding | Parenthesized | Choice | Break"

SOFT = Line("")
SPACE = Line(" ")
BREAK = Break()
COMMA = IfBroken(",")

# What of a document is measured: up to its first line break; every line; or every line, with text free to overflow.
_FIRST_LINE, _ALL_LINES, _OVERFLOWING = range(3)


def width(text: str) -> int:
    """The columns that a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def render(doc: Doc, indent: int) -> str:
    """The document as text whose first line stands at a column; later lines bring their indentation."""
    renderer = _Renderer(doc, indent)
    renderer.run()
    return "".join(renderer.pieces)


class _Renderer:
    def __init__(self, doc: Doc, indent: int) -> None:
        self.pieces: list[str] = []
        self.column = indent
        self.pending: list[tuple[Doc, int, bool]] = [(doc, indent, True)]
        self.measured = False  # the enclosing flat group is known to fit

    def run(self) -> None:
        pending = self.pending
        while pending:
            doc, indent, broken = pending.pop()
            if isinstance(doc, str):
                self.pieces.append(doc)
                self.column += width(doc)
            elif isinstance(doc, list):
                pending.extend([(part, indent, broken) for part in reversed(doc)])
            elif isinstance(doc, Line):
                if broken and (doc.scope is None or doc.scope.broken):
                    self._new_line(indent)
                else:
                    self.pieces.append(doc.text)
                    self.column += len(doc.text)
            elif isinstance(doc, Group):
                pending.append((doc.content, indent, self._group_breaks(doc, indent, broken)))
            elif isinstance(doc, IfBroken):
                if broken if doc.scope is None else doc.scope.broken:
                    pending.append((doc.content, indent, broken))
            elif isinstance(doc, Indent):
                deeper = indent + INDENT if doc.scope is None or doc.scope.broken else indent
                pending.append((doc.content, deeper, broken))
            elif isinstance(doc, Expanding):
                if doc.scope is None or not doc.scope.broken:
                    self.measured = False
                pending.append((doc.content, indent, broken))
            elif isinstance(doc, Parenthesized):
                self._parenthesized(doc, indent, broken)
            elif isinstance(doc, Choice):
                self._choice(doc, indent, broken)
            else:
                self._new_line(indent)

    def _new_line(self, indent: int) -> None:
        self.pieces.append("\n" + " " * indent)
        self.column = indent

    def _group_breaks(self, group: Group, indent: int, broken: bool) -> bool:
        if group.scope is not None and not group.scope.broken:
            return broken
        breaks = group.broken or not self._stays_flat(group.content, group.own, indent, broken)
        if group.own is not None:
            group.own.broken = breaks
        return breaks

    def _stays_flat(self, content: Doc, own: Scope | None, indent: int, broken: bool) -> bool:
        if not broken and self.measured:
            return True
        self.measured = True
        if own is not None:
            own.broken = False
        return self._fits(content, indent, broken=False)

    def _parenthesized(self, doc: Parenthesized, indent: int, broken: bool) -> None:
        if self._stays_flat(doc.content, doc.own, indent, broken):
            doc.own.broken = False
            self.pending.append((doc.content, indent, False))
            return
        doc.own.broken = True
        layout: Doc = ["(", Indent([BREAK, doc.content]), BREAK, ")"]
        doc.own.broken = self._fits(layout, indent, broken=broken, measure=_ALL_LINES)
        if doc.own.broken:
            self.pending.append((layout, indent, True))
        else:
            self.pending.append((doc.content, indent, False))

    def _choice(self, doc: Choice, indent: int, broken: bool) -> None:
        *layouts, last = doc.layouts
        if not broken and self.measured:
            self.pending.append((layouts[0], indent, False))
            return
        self.measured = True
        for layout in layouts:
            if self._fits(layout, indent, broken=False):
                self.pending.append((layout, indent, False))
                return
        self.pending.append((last, indent, True))

    def _fits(self, doc: Doc, indent: int, *, broken: bool, measure: int = _FIRST_LINE) -> bool:  # noqa: C901, PLR0912
        """Whether the text up to the first line break fits; what stands after the document counts too."""
        column = self.column
        rest = len(self.pending)
        pending = [(doc, indent, broken, measure)]
        while True:
            if not pending:
                if not rest:
                    return True
                rest -= 1
                pending.append((*self.pending[rest], _FIRST_LINE))
            doc, indent, broken, measure = pending.pop()
            if isinstance(doc, str):
                column += width(doc)
                if column > WIDTH and measure != _OVERFLOWING:
                    return False
            elif isinstance(doc, list):
                pending.extend([(part, indent, broken, measure) for part in reversed(doc)])
            elif isinstance(doc, Line):
                if broken and (doc.scope is None or doc.scope.broken):
                    if measure == _FIRST_LINE:
                        return True
                    column = indent
                else:
                    column += len(doc.text)
                    if column > WIDTH and measure != _OVERFLOWING:
                        return False
            elif isinstance(doc, Group):
                if doc.scope is None or doc.scope.broken:
                    broken = broken or doc.broken
                    if doc.own is not None:
                        doc.own.broken = broken
                pending.append((doc.content, indent, broken, measure))
            elif isinstance(doc, IfBroken):
                if broken if doc.scope is None else doc.scope.broken:
                    pending.append((doc.content, indent, broken, measure))
            elif isinstance(doc, Indent):
                deeper = indent + INDENT if doc.scope is None or doc.scope.broken else indent
                pending.append((doc.content, deeper, broken, measure))
            elif isinstance(doc, Expanding):
                if not broken and (doc.scope is None or not doc.scope.broken):
                    broken, measure = True, _OVERFLOWING
                pending.append((doc.content, indent, broken, measure))
            elif isinstance(doc, Parenthesized):
                doc.own.broken = broken
                pending.append((doc.content, indent, broken, measure))
            elif isinstance(doc, Choice):
                layout = doc.layouts[-1] if broken else doc.layouts[0]
                pending.append((layout, indent, broken, measure))
            elif measure == _FIRST_LINE or not broken:
                return True
            else:
                column = indent
