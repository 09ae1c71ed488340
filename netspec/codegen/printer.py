"""A module's syntax tree as the text that `ruff format` leaves unchanged.

A statement that fits on a line is written as it is; only longer ones become documents (`layout.py`), which
break as the formatter breaks them. Two attributes of a statement may hold comments: `comment` (at the end of
its line, dropped where it does not fit) and `leading` (lines above it). An import with `starts_section` has a
blank line above it; a long text that is assigned is cut at its spaces if the statement has `wraps`.
"""

from __future__ import annotations

import ast
import re
import textwrap
from typing import NamedTuple

from netspec.codegen.expression_text import text_of
from netspec.codegen.layout import INDENT, WIDTH, render, width
from netspec.codegen.statement_layout import (
    BASES,
    CONDITION,
    LOOP_TARGET,
    MANAGERS,
    PRESERVED,
    SIGNATURE,
    VALUE,
    Part,
    Slot,
    document,
    flat_text,
    simple_parts,
)

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Import = ast.Import | ast.ImportFrom


class Printed(NamedTuple):
    """The text of a module, and which statement starts on each line (counted from 1)."""

    text: str
    lines: dict[int, ast.stmt]


def print_module(tree: ast.Module) -> Printed:
    """The text of a module."""
    printer = _Printer()
    printer.suite(tree.body, 0, docstring=True)
    return Printed("\n".join([*printer.lines, ""]), printer.statements)


class _Printer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.statements: dict[int, ast.stmt] = {}

    def suite(
        self, body: list[ast.stmt], indent: int, *, docstring: bool = False, in_class: bool = False
    ) -> None:
        """Statements, with the blank lines between them."""
        before: ast.stmt | None = None
        for node in body:
            if before is None:
                if docstring and is_docstring(node):
                    self._docstring(node, indent)
                    before = node
                    continue
            else:
                first_after_docstring = docstring and before is body[0] and is_docstring(before)
                self.lines += [""] * _blank_lines(
                    before, node, indent, first_after_docstring and (in_class or not indent)
                )
            self._statement(node, indent)
            before = node

    def _statement(self, node: ast.stmt, indent: int) -> None:
        self.lines += _comment_lines(node, indent)
        self.statements[len(self.lines) + 1] = node
        parts = simple_parts(node)
        if parts is None:
            self._compound(node, indent)
        elif getattr(node, "wraps", False) and width(" " * indent + flat_text(parts)) > WIDTH:
            assert isinstance(node, ast.Assign)
            self._text_in_lines(node, indent)
        else:
            self._line(
                parts, indent, getattr(node, "comment", ""), at_end=not _ends_with_word(node)
            )

    def _line(
        self, parts: list[Part], indent: int, comment: str = "", *, at_end: bool = True
    ) -> None:
        """One statement or header, broken if it is too long; `at_end`, a comment may follow a last bracket."""
        text = " " * indent + flat_text(parts)
        if width(text) > WIDTH:
            text = " " * indent + render(document(parts), indent)
        *lines, last = text.split("\n")
        self.lines += lines
        has_place = not lines or (at_end and last.lstrip()[0] in ")]}")
        if comment and has_place and width(last) + 4 + width(comment) <= WIDTH:
            last += f"  # {comment}"
        self.lines.append(last)

    def _text_in_lines(self, node: ast.Assign, indent: int) -> None:
        """`name = (…)` with a long text as several, one below the other."""
        assert isinstance(node.targets[0], ast.Name)
        margin = " " * (indent + INDENT)
        self.lines.append(f"{' ' * indent}{node.targets[0].id} = (")
        self.lines += [margin + line for line in text_lines(node.value, WIDTH - len(margin))]
        self.lines.append(f"{' ' * indent})")

    def _compound(self, node: ast.stmt, indent: int) -> None:
        if isinstance(node, ast.If):
            self._if(node, indent)
        elif isinstance(node, _Definition):
            self._definition(node, indent)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
            self._header(_loop_parts(node), node.body, indent, getattr(node, "comment", ""))
            self._clause("else:", node.orelse, indent)
        elif isinstance(node, ast.With | ast.AsyncWith):
            head = "async with " if isinstance(node, ast.AsyncWith) else "with "
            self._header(
                [head, Slot(MANAGERS, node.items), ":"],
                node.body,
                indent,
                getattr(node, "comment", ""),
            )
        elif isinstance(node, ast.Try):
            self._try(node, indent)
        else:
            raise TypeError(f"the printer has no text for {type(node).__name__}")

    def _header(
        self, parts: list[Part], body: list[ast.stmt], indent: int, comment: str = ""
    ) -> None:
        self._line(parts, indent, comment)
        if isinstance(body[0], _Definition) and not _has_comments_above(body[0]):
            self.lines.append("")
        self.suite(body, indent + INDENT)

    def _clause(self, word: str, body: list[ast.stmt], indent: int) -> None:
        if body:
            self._header([word], body, indent)

    def _if(self, node: ast.If, indent: int) -> None:
        word = "if "
        while True:
            self._header(
                [word, Slot(CONDITION, node.test), ":"],
                node.body,
                indent,
                getattr(node, "comment", ""),
            )
            if (
                len(node.orelse) != 1
                or not isinstance(node.orelse[0], ast.If)
                or _has_comments_above(node.orelse[0])
            ):
                break
            node = node.orelse[0]
            word = "elif "
            self.statements[len(self.lines) + 1] = node
        self._clause("else:", node.orelse, indent)

    def _try(self, node: ast.Try, indent: int) -> None:
        self._clause("try:", node.body, indent)
        for handler in node.handlers:
            parts: list[Part] = ["except "] if handler.type else ["except"]
            if handler.type:
                parts.append(Slot(VALUE, handler.type))
            if handler.name:
                parts.append(f" as {handler.name}")
            self._header([*parts, ":"], handler.body, indent)
        self._clause("else:", node.orelse, indent)
        self._clause("finally:", node.finalbody, indent)

    def _definition(self, node: _Definition, indent: int) -> None:
        for decorator in node.decorator_list:
            self._line(["@", Slot(PRESERVED, decorator)], indent)
        is_class = isinstance(node, ast.ClassDef)
        if isinstance(node, ast.ClassDef):
            parts: list[Part] = [f"class {node.name}", Slot(BASES, node)]
        else:
            word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
            parts = [f"{word} {node.name}", Slot(SIGNATURE, node)]
        if _is_stub(node.body):
            self._line([*parts, ": ..."], indent, getattr(node, "comment", ""))
            return
        self._line([*parts, ":"], indent, getattr(node, "comment", ""))
        self.suite(node.body, indent + INDENT, docstring=True, in_class=is_class)

    def _docstring(self, node: ast.stmt, indent: int) -> None:
        assert isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        self.statements[len(self.lines) + 1] = node
        margin = " " * indent
        first, *rest = docstring_lines(str(node.value.value))
        self.lines.append(margin + first)
        self.lines += [margin + line if line else "" for line in rest]


def _has_comments_above(node: ast.stmt) -> bool:
    return bool(getattr(node, "leading", []))


def _comment_lines(node: ast.stmt, indent: int) -> list[str]:
    """The comments above a statement, wrapped."""
    comments: list[str] = getattr(node, "leading", [])
    margin = f"{' ' * indent}# "
    return [
        (margin + line).rstrip()
        for comment in comments
        for line in textwrap.wrap(comment, WIDTH - len(margin), break_long_words=False) or [""]
    ]


def _ends_with_word(node: ast.stmt) -> bool:
    """Whether ruff moves a comment into the parentheses that a long value gets, because it does not break."""
    value = getattr(node, "value", None) or getattr(node, "annotation", None)
    return isinstance(value, ast.Name | ast.Constant | ast.JoinedStr)


def is_docstring(node: ast.stmt) -> bool:
    """Whether a statement is a string alone."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def docstring_lines(text: str) -> list[str]:
    """A docstring's literal, its lines without indentation."""
    escaped = text.replace("\\", r"\\")
    if not all(map(str.isprintable, escaped.split("\n"))):
        escaped = "".join([c if c == "\n" or c.isprintable() else repr(c)[1:-1] for c in escaped])
    escaped = escaped.replace('"""', r"\"\"\"")
    first, *rest = [line.rstrip() for line in escaped.split("\n")]
    margin = min((len(line) - len(line.lstrip()) for line in rest if line), default=0)
    rest = [line[margin:] for line in rest]
    lines = [f'"""{first.lstrip()}', *rest]
    before = lines[-1].rstrip('"') if lines[-1].endswith('\\"') else ""
    is_escaped = (len(before) - len(before.rstrip("\\"))) % 2 == 1
    if lines[-1].endswith('"') and lines[-1] != '"""' and not is_escaped:
        lines[-1] = lines[-1][:-1] + '\\"'
    lines[-1] += '"""' if lines != ['"""'] else ' """'
    return lines


def text_lines(node: ast.expr, columns: int) -> list[str]:
    """A text, cut at its spaces into literals that fit; a longer word stays whole."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    pieces: list[list[ast.expr]] = [[]]
    for part in parts:
        if not isinstance(part, ast.Constant):
            pieces[-1].append(part)
            continue
        first, *rest = re.split(r"(?<= )", str(part.value))
        pieces[-1].append(ast.Constant(first))
        pieces += [[ast.Constant(word)] for word in rest]
    lines: list[list[ast.expr]] = [[]]
    for piece in pieces:
        if lines[-1] and width(_text_literal([*lines[-1], *piece])) > columns:
            lines.append([])
        lines[-1] += piece
    return [_text_literal(line) for line in lines]


def _text_literal(values: list[ast.expr]) -> str:
    """The literal of a piece of a text; an f-string if it has values in it."""
    joined: list[ast.expr] = []
    for value in values:
        last = joined[-1] if joined else None
        if isinstance(value, ast.Constant) and isinstance(last, ast.Constant):
            joined[-1] = ast.Constant(str(last.value) + str(value.value))
        else:
            joined.append(value)
    alone = len(joined) == 1 and isinstance(joined[0], ast.Constant)
    return text_of(joined[0] if alone else ast.JoinedStr(joined))


def _blank_lines(before: ast.stmt, node: ast.stmt, indent: int, after_docstring: bool) -> int:
    if isinstance(node, _Definition) or _ends_with_definition(before):
        return 1 if indent else 2
    if isinstance(before, _Import):
        joined = isinstance(node, _Import) and not _has_comments_above(node)
        return 0 if joined and not getattr(node, "starts_section", False) else 1
    return int(after_docstring)


def _ends_with_definition(node: ast.AST) -> bool:
    while not isinstance(node, _Definition):
        if "body" not in node._fields:
            return False
        last = ("finalbody", "orelse", "handlers", "body")
        node = next(nodes[-1] for name in last if (nodes := getattr(node, name, None)))
    return True


def _is_stub(body: list[ast.stmt]) -> bool:
    node = body[0]
    return (
        len(body) == 1
        and isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and node.value.value is ...
    )


def _loop_parts(node: ast.For | ast.AsyncFor | ast.While) -> list[Part]:
    if isinstance(node, ast.While):
        return ["while ", Slot(CONDITION, node.test), ":"]
    word = "async for " if isinstance(node, ast.AsyncFor) else "for "
    return [word, Slot(LOOP_TARGET, node.target), " in ", Slot(VALUE, node.iter), ":"]
