"""A spec in its canonical layout: indentation, spaces, empty lines; and not one key, value or comment less.

What was written in braces stays in braces while it fits on a line, and what was written in lines stays in
lines: which of them reads better, the author knows. Scalars keep their bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from netspec.document import Document, Mapping, Scalar, Sequence, TextNode, parse
from netspec.document.tree import subtree
from netspec.fmt.gap import CommentGap, UnsupportedGapError, read_gap
from netspec.fmt.scalar_style import UnmovableError, flow_text, in_braces, is_simple, scalar_lines

WIDTH = 120
_ANCHOR = re.compile(r":?[ \t]*(&[^\s,\[\]{}]+)(?=\s)")
_ALIAS = re.compile(r":?[ \t]*(\*[^\s,\[\]{}]+)(?=\s|$)")
_STEP = 2


class UncertainError(Exception):
    """A text with something in it that cannot be moved with certainty."""


def formatted(document: Document) -> str:
    """The text of a document in its canonical layout; JSON stays unchanged. Raises `UncertainError`."""
    text = document.source.text.removeprefix("\ufeff")
    root = document.root
    if document.diagnostics or root is None:
        raise UncertainError("it has syntax errors")
    if in_braces(root):
        return document.source.text
    try:
        layout = _Layout(text.replace("\r\n", "\n")).laid_out(document.source.name)
    except (UnsupportedGapError, UnmovableError):
        raise UncertainError("it uses YAML features such as anchors") from None
    if not _alike(parse(text), parse(layout)) or _comments(text) != _comments(layout):
        raise UncertainError("it cannot be formatted safely")
    return layout


class _Layout:
    """The formatted lines, and the position up to which the text has been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offset = 0
        self.lines: list[str] = []
        self.columns: dict[int, int] = {}
        """The old and the new column of a block, for the comments in it."""

    def laid_out(self, name: str) -> str:
        root = parse(self.text, name).root
        assert root is not None
        self.block(root, 0, "")
        self.comments(self.gap(len(self.text)), 0, last=True)
        return "\n".join(line.rstrip(" \t") for line in self.lines) + "\n"

    def gap(self, end: int) -> CommentGap:
        """The text before the next piece, which begins at `end`."""
        if end < self.offset:
            raise UnsupportedGapError  # an alias: its value stands elsewhere
        gap = read_gap(self.text, self.offset, end)
        self.offset = end
        return gap

    def comments(
        self, gap: CommentGap, indent: int, *, first: bool = False, last: bool = False
    ) -> None:
        """The comments before a piece that begins at `indent`, and the empty lines around them."""
        if gap.trailing and self.lines:
            self.lines[-1] += f"  {gap.trailing}"
        for comment in gap.own:
            if comment.after_blank and self.lines and not first:
                self.lines.append("")
            first = False
            self.lines.append(" " * self._column(comment.column, indent) + comment.text)
        if gap.blank and self.lines and not first and not last:
            self.lines.append("")

    def _column(self, column: int, indent: int) -> int:
        """The owner of a comment: the next item, or the block before it if the comment has more indentation."""
        follows = (
            self.offset - (self.text.rfind("\n", 0, self.offset) + 1)
            if self.offset < len(self.text)
            else 0
        )
        around = [was for was in self.columns if follows < was <= column]
        return max(self.columns[max(around)], indent) if around else indent

    # ---- blocks ------------------------------------------------------------------------------------

    def block(self, node: TextNode, indent: int, head: str) -> None:
        """A mapping or list in lines, its first line after `head`, which has been indented."""
        if isinstance(node, Mapping):
            parts: Iterator[tuple[TextNode, TextNode | None]] = iter(node.entries)
        elif isinstance(node, Sequence):
            parts = ((item, None) for item in node.items)
        else:
            raise UnsupportedGapError
        for k, (first, value) in enumerate(parts):
            begin = self._begin(first, value)
            gap = self.gap(begin)
            if k == 0:
                self._remember(begin, indent)
            if k == 0 and head:
                self._ahead(gap, indent - _STEP)
            else:
                self.comments(gap, indent, first=k == 0)
            margin = head if k == 0 and head else " " * indent
            if value is None:
                self._item(first, indent, margin)
            else:
                self._entry(first, value, indent, margin)

    def _begin(self, first: TextNode, value: TextNode | None) -> int:
        """Where an entry begins; of an item its dash."""
        if value is not None:
            return first.start
        dash = self.text.find("-", self.offset)
        while dash >= 0 and self._in_comment(dash):
            dash = self.text.find("-", dash + 1)
        if not self.offset <= dash < max(first.start, self.offset + 1):
            raise UnsupportedGapError
        return dash

    def _in_comment(self, offset: int) -> bool:
        line = self.text[max(self.text.rfind("\n", 0, offset) + 1, self.offset) : offset]
        return bool(re.search(r"(?:^|\s)#", line))

    def _remember(self, begin: int, indent: int) -> None:
        column = begin - (self.text.rfind("\n", 0, begin) + 1)
        self.columns = {was: now for was, now in self.columns.items() if was < column}
        self.columns[column] = indent

    def _ahead(self, gap: CommentGap, indent: int) -> None:
        """Comments between a dash and its item move before the dash."""
        comments = [*([gap.trailing] if gap.trailing else []), *(c.text for c in gap.own)]
        self.lines += [" " * indent + text for text in comments]

    def _item(self, item: TextNode, indent: int, margin: str) -> None:
        self.offset += 1  # the dash
        self._content(item, indent, f"{margin}-")

    def _entry(self, key: TextNode, value: TextNode, indent: int, margin: str) -> None:
        name = flow_text(key)
        if name is None or not isinstance(key, Scalar):
            raise UnsupportedGapError
        self.offset = key.end
        self._content(value, indent, f"{margin}{name}:")

    def _content(self, value: TextNode, indent: int, head: str) -> None:
        """The text after a key or a dash."""
        if alias := _ALIAS.match(self.text, self.offset):
            self._append(head, [alias[1]])
            self.offset = alias.end(1)
            return
        if anchor := _ANCHOR.match(self.text, self.offset):
            head += f" {anchor[1]}"
            self.offset = anchor.end(1)
        if isinstance(value, Scalar) or in_braces(value):
            self._value(value, indent, head)
        elif head.endswith("-"):
            self.block(value, indent + _STEP, f"{head} ")
        else:
            self.lines.append(head)
            self.block(value, indent + _STEP, "")

    # ---- values -----------------------------------------------------------------------------------

    def _value(self, value: TextNode, indent: int, head: str) -> None:
        """A scalar, or a collection in braces, after its key or dash."""
        gap = self.gap(value.start)
        if gap.own or gap.trailing:
            raise UnsupportedGapError
        if isinstance(value, Scalar):
            lines = scalar_lines(self.text[value.start : value.end], indent + _STEP)
            self._append(head, lines)
        elif not is_simple(value):
            self._append(head, scalar_lines(self.text[value.start : value.end], indent + _STEP))
        else:
            value_text = flow_text(value)
            if value_text is not None and len(head) + 1 + len(value_text) <= WIDTH:
                self._append(head, [value_text])
            elif (
                value_text is not None
                and indent + _STEP + len(value_text) <= WIDTH
                and head.endswith(":")
            ):
                self.lines += [head, " " * (indent + _STEP) + value_text]
            else:
                self._unfold(value, indent, head)
        self.offset = value.end

    def _append(self, head: str, lines: list[str]) -> None:
        self.lines.append(f"{head} {lines[0]}" if lines[0] else head)
        self.lines += lines[1:]

    def _unfold(self, value: TextNode, indent: int, head: str) -> None:
        """A collection in braces that is too long for a line, in lines."""
        if isinstance(value, Sequence) and all(isinstance(i, Scalar) for i in value.items):
            self._append(head, self._filled(value, indent + _STEP))
            return
        if not head.endswith("-"):
            self.lines.append(head)
            head = ""
        indent += _STEP
        if isinstance(value, Mapping):
            for key, inner in value.entries:
                margin = f"{head} " if head else " " * indent
                self.offset = inner.start
                self._value(inner, indent, f"{margin}{flow_text(key)}:")
                head = ""
        elif isinstance(value, Sequence):
            for item in value.items:
                margin = f"{head} " if head else " " * indent
                self.offset = item.start
                self._value(item, indent, f"{margin}-")
                head = ""

    def _filled(self, value: Sequence, indent: int) -> list[str]:
        """A long list of scalars in brackets, as many on a line as fit."""
        margin = " " * indent
        lines, line = ["["], margin
        for item in value.items:
            item_text = flow_text(item)
            if item_text is None:
                raise UnmovableError
            if len(line) + len(item_text) + 1 > WIDTH and line.strip():
                lines.append(line.rstrip(" "))
                line = margin
            line += f"{item_text}, "
        return [*lines, line.rstrip(" "), " " * (indent - _STEP) + "]"]


# ---- nothing is lost -------------------------------------------------------------------------------


def _alike(a: Document, b: Document) -> bool:
    """Whether two documents have the same meaning."""
    return not b.diagnostics and _content(a.root) == _content(b.root)


def _content(node: TextNode | None) -> object:
    if isinstance(node, Scalar):
        return node.text, type(node.value), repr(node.value), node.quoted
    if isinstance(node, Sequence):
        return [_content(item) for item in node.items]
    if isinstance(node, Mapping):
        return [(key.text, _content(value)) for key, value in node.entries]
    return None


def _comments(text: str) -> list[str]:
    """The comments of a text in order: whatever begins with `#` outside of its scalars."""
    left = list(text)
    for node in subtree(parse(text).root):
        if isinstance(node, Scalar):
            left[node.start : node.end] = "_" * (node.end - node.start)
    return [m[0].rstrip() for m in re.finditer(r"(?:^|(?<=\s))#[^\n]*", "".join(left))]
