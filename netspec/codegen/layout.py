"""Documents: text with places where a line may break, and the renderer that decides which of them do.

The algebra is that of pretty printers since Wadler's, with what Python's layout needs beyond it: a
bracket that may break although the line around it stays whole (`Expanding`), parentheses that appear
only when they help (`Parenthesized`), and a choice among whole layouts (`Choice`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, TypeAlias

WIDTH = 88
INDENT = 4

# What of a document is measured: up to its first line break; every line; or every line, with text that
# may overflow.
_FIRST_LINE, _ALL_LINES, _OVERFLOWING = range(3)


class Scope:
    """Whether the lines of one group are broken, for the documents that depend on that group."""

    __slots__ = ("broken",)

    def __init__(self) -> None:
        self.broken = False


class Mode(NamedTuple):
    """How content is laid out: its indentation, whether its lines are broken, and what of it is measured."""

    indent: int
    broken: bool
    measure: int = _FIRST_LINE


class Line:
    """Text that a line break can replace: while its group is broken, and `scope` too if there is one."""

    __slots__ = ("always", "scope", "text")

    def __init__(self, text: str, scope: Scope | None = None, *, always: bool = False) -> None:
        self.text = text
        self.scope = scope
        self.always = always

    def breaks(self, broken: bool) -> bool:
        """Whether it is a line break, in a group that is broken or not."""
        return self.always or (broken and (self.scope is None or self.scope.broken))


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

    def measured(self, mode: Mode) -> tuple[Doc, Mode]:
        """What is in its place while a document around it is measured."""
        if self.scope is None or self.scope.broken:
            broken = mode.broken or self.broken
            if self.own is not None:
                self.own.broken = broken
            mode = Mode(mode.indent, broken, mode.measure)
        return self.content, mode

    def rendered(self, renderer: _Renderer, mode: Mode) -> tuple[Doc, Mode]:
        """What is in its place."""
        if self.scope is not None and not self.scope.broken:
            return self.content, mode
        flat = None if self.broken else renderer.flat(self.content, self.own, mode)
        if self.own is not None:
            self.own.broken = flat is None
        return self.content if flat is None else flat, Mode(mode.indent, flat is None)


class IfBroken:
    """Content that is there only in a broken group: the one around it, or that of `scope`."""

    __slots__ = ("content", "scope")

    def __init__(self, content: Doc, scope: Scope | None = None) -> None:
        self.content = content
        self.scope = scope

    def measured(self, mode: Mode) -> tuple[Doc, Mode]:
        """What is in its place while a document around it is measured."""
        broken = mode.broken if self.scope is None else self.scope.broken
        return self.content if broken else "", mode

    def rendered(self, _: _Renderer, mode: Mode) -> tuple[Doc, Mode]:
        """What is in its place."""
        return self.measured(mode)


class Indent:
    """Content with lines one level deeper; under a `scope`, only while that one is broken."""

    __slots__ = ("content", "scope")

    def __init__(self, content: Doc, scope: Scope | None = None) -> None:
        self.content = content
        self.scope = scope

    def measured(self, mode: Mode) -> tuple[Doc, Mode]:
        """What is in its place while a document around it is measured."""
        if self.scope is None or self.scope.broken:
            mode = Mode(mode.indent + INDENT, mode.broken, mode.measure)
        return self.content, mode

    def rendered(self, _: _Renderer, mode: Mode) -> tuple[Doc, Mode]:
        """What is in its place."""
        return self.measured(mode)


class Expanding:
    """Content that may break although the line around it does not, unless `scope` is broken."""

    __slots__ = ("content", "scope")

    def __init__(self, content: Doc, scope: Scope | None) -> None:
        self.content = content
        self.scope = scope

    def measured(self, mode: Mode) -> tuple[Doc, Mode]:
        """What is in its place while a document around it is measured."""
        if not mode.broken and (self.scope is None or not self.scope.broken):
            mode = Mode(mode.indent, True, _OVERFLOWING)
        return self.content, mode

    def rendered(self, renderer: _Renderer, mode: Mode) -> tuple[Doc, Mode]:
        """What is in its place."""
        if self.scope is None or not self.scope.broken:
            renderer.known_to_fit = False
        return self.content, mode


class Parenthesized:
    """Content in parentheses on lines of their own, if it is too long without and fits with them."""

    __slots__ = ("content", "own")

    def __init__(self, content: Doc, own: Scope) -> None:
        self.content = content
        self.own = own

    def measured(self, mode: Mode) -> tuple[Doc, Mode]:
        """What is in its place while a document around it is measured."""
        self.own.broken = mode.broken
        return self.content, mode

    def rendered(self, renderer: _Renderer, mode: Mode) -> tuple[Doc, Mode]:
        """What is in its place."""
        flat = renderer.flat(self.content, self.own, mode)
        self.own.broken = False
        if flat is not None:
            return flat, Mode(mode.indent, False)
        self.own.broken = True
        layout: Doc = ["(", Indent([BREAK, self.content]), BREAK, ")"]
        self.own.broken = renderer.fits(layout, Mode(mode.indent, mode.broken, _ALL_LINES))
        content = layout if self.own.broken else self.content
        return content, Mode(mode.indent, self.own.broken)


class Choice:
    """The first of several layouts whose first line fits, else the last one."""

    __slots__ = ("layouts",)

    def __init__(self, layouts: list[Doc]) -> None:
        self.layouts = layouts

    def measured(self, mode: Mode) -> tuple[Doc, Mode]:
        """What is in its place while a document around it is measured."""
        return self.layouts[-1] if mode.broken else self.layouts[0], mode

    def rendered(self, renderer: _Renderer, mode: Mode) -> tuple[Doc, Mode]:
        """What is in its place."""
        flat = Mode(mode.indent, False)
        if not mode.broken and renderer.known_to_fit:
            return self.layouts[0], flat
        renderer.known_to_fit = True
        for layout in self.layouts[:-1]:
            if renderer.fits(layout, flat):
                return layout, flat
        return self.layouts[-1], Mode(mode.indent, True)


Doc: TypeAlias = (
    "str | list[Doc] | Line | Group | IfBroken | Indent | Expanding | Parenthesized | Choice"
)

SOFT = Line("")
SPACE = Line(" ")
BREAK = Line("", always=True)
COMMA = IfBroken(",")


def width(text: str) -> int:
    """The columns that a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def render(doc: Doc, indent: int) -> str:
    """The document as text whose first line is at a column; later lines bring their indentation."""
    renderer = _Renderer(indent)
    renderer.render(doc)
    return "".join(renderer.pieces)


# What has nothing to decide about itself; the tuple is made once, for speed.
_TERMINALS = (str, list, Line)


class _Frame:
    """Documents of which some are rendered."""

    __slots__ = ("docs", "mode", "next")

    def __init__(self, docs: list[Doc], mode: Mode) -> None:
        self.docs = docs
        self.mode = mode
        self.next = 0


class _Renderer:
    def __init__(self, indent: int) -> None:
        self.pieces: list[str] = []
        self.column = self.indent = indent
        self.frames: list[_Frame] = []
        self.known_to_fit = False  # the content around a flat document is measured
        self._flat: list[str] | None = None

    def render(self, doc: Doc) -> None:
        """Write a document; `frames` are the lists that it is in, from the outermost to its own."""
        self.frames.append(_Frame([doc], Mode(self.indent, broken=True)))
        while self.frames:
            frame = self.frames[-1]
            if frame.next == len(frame.docs):
                self.frames.pop()
                continue
            doc = frame.docs[frame.next]
            frame.next += 1
            if doc.__class__ is str:  # as most are
                self._write(doc)
                continue
            mode = frame.mode
            while not isinstance(doc, _TERMINALS):
                doc, mode = doc.rendered(self, mode)
            if isinstance(doc, list):
                self.frames.append(_Frame(doc, mode))
            elif isinstance(doc, Line) and doc.breaks(mode.broken):
                self.pieces.append("\n" + " " * mode.indent)
                self.column = mode.indent
            else:
                self._write(doc if isinstance(doc, str) else doc.text)

    def _write(self, text: str) -> None:
        self.pieces.append(text)
        self.column += len(text) if text.isascii() else width(text)

    def flat(self, content: Doc, own: Scope | None, mode: Mode) -> Doc | None:
        """The content to lay out on one line, if it fits there."""
        if not mode.broken and self.known_to_fit:
            return content
        self.known_to_fit = True
        if own is not None:
            own.broken = False
        if not self.fits(content, Mode(mode.indent, False)):
            return None
        return content if self._flat is None else "".join(self._flat)

    def fits(self, doc: Doc, mode: Mode) -> bool:  # noqa: C901, PLR0912 - the loop where the time goes
        """Whether the text up to the first line break fits; what stands after the document counts too."""
        column = self.column
        rest = own = len(self.frames)
        frames: list[tuple[Iterator[Doc], Mode]] = [(iter([doc]), mode)]
        flat: list[str] | None = None if mode.broken else []
        self._flat = None
        while True:
            if not frames:
                if rest == own:
                    self._flat, flat = flat, None
                if not rest:
                    return True
                rest -= 1
                frame = self.frames[rest]
                frames.append((islice(frame.docs, frame.next, None), frame.mode))
            docs, outer = frames[-1]
            for part in docs:
                doc, mode = part, outer
                if doc.__class__ is not str:  # as most are
                    while not isinstance(doc, _TERMINALS):
                        doc, mode = doc.measured(mode)
                        if mode.broken:
                            flat = None
                    if isinstance(doc, list):
                        frames.append((iter(doc), mode))
                        break
                if isinstance(doc, str):
                    text = doc
                elif doc.breaks(mode.broken):
                    if mode.measure == _FIRST_LINE or not mode.broken:
                        return True
                    column = mode.indent
                    continue
                else:
                    text = doc.text
                column += len(text) if text.isascii() else width(text)
                if column > WIDTH and mode.measure != _OVERFLOWING:
                    return False
                if flat is not None:
                    flat.append(text)
            else:
                frames.pop()
