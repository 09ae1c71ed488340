"""Text to the tree of a formula: an expression over tensors, such as `hidden * (1 + scale)`."""

from __future__ import annotations

import _ast as ast  # the node classes; `ast` itself takes 2 ms to load
import re
from functools import lru_cache
from typing import Any, Final

from netspec.diagnostics import Code
from netspec.expr.errors import DEEPEST, ExpressionError, nested_too_deep
from netspec.expr.tokens import tokens
from netspec.expr.traversal import CHILD_FIELDS

_SIGNS: Final = str.maketrans({"@": "+", "&": "+", "|": "+", "~": "-"})
"""The signs that only formulas have, as signs of expressions: then their words are checked in one way."""
_DOT: Final = "\u01c1"
"""A letter in the place of the dots of `half.1`, which Python would read as a number."""
_NUMBERED_PATH: Final = re.compile(r"(?<![\w.])[^\W\d]\w*(?:\.\w+)*?\.\d\w*(?:\.\w+)*")


@lru_cache(maxsize=2048)
def parse_formula(text: str) -> ast.expr:
    """The syntax tree of a formula. The offsets of its nodes count characters of `text`.

    Args:
        text: The formula, without the `=` that begins it.

    Returns:
        The tree. Names may stand for tensors or for parameters; see `path_of`.

    Raises:
        ExpressionError: The text is not an expression of Python.

    Example:
        >>> tree = parse_formula("heads.0 * cos")
        >>> path_of(tree.left), path_of(tree.right)
        ('heads.0', 'cos')
    """
    spelled = _NUMBERED_PATH.sub(lambda path: path.group().replace(".", _DOT), text)
    words = tokens(spelled.translate(_SIGNS))
    start = words[0].start
    line = "".join(" " if c in "\r\n\f\t" else c for c in spelled[start : words[-1].end])
    try:
        root = compile(line, "<unknown>", "eval", ast.PyCF_ONLY_AST, dont_inherit=True)
    except SyntaxError as error:
        from netspec.expr.syntax_errors import syntax_error

        raise syntax_error(text, words, start + (error.offset or 1) - 1, error.msg) from None
    except (MemoryError, RecursionError):
        raise nested_too_deep(0, len(text)) from None
    except ValueError:
        message = "the formula contains an invalid character"
        raise ExpressionError(Code.EXPRESSION, message, 0, len(text)) from None
    assert isinstance(root, ast.Expression)
    _place(root.body, line, start)
    return root.body


def _place(tree: ast.expr, line: str, start: int) -> None:
    """Make all offsets count characters of the text, and reject a tree that is too deep."""
    encoded = None if line.isascii() else line.encode()
    level: list[Any] = [tree]
    for _ in range(4 * DEEPEST):
        if not level:
            return
        for node in level:
            for name in ("col_offset", "end_col_offset"):
                column = getattr(node, name, None)
                if column is not None:
                    if encoded is not None:
                        column = len(encoded[:column].decode())
                    setattr(node, name, start + column)
        level = [child for node in level for child in _children(node)]
    raise nested_too_deep(start, start + len(line))


def _children(node: ast.AST) -> list[ast.AST]:
    """The nodes directly under a node."""
    children: list[ast.AST] = []
    for field in CHILD_FIELDS[node.__class__]:
        value = node.__dict__.get(field)
        if isinstance(value, list):
            children += [v for v in value if v is not None]
        elif value is not None:
            children.append(value)
    return children


def child_expressions(node: ast.AST) -> list[ast.expr]:
    """The expressions directly under a node, without the name of a function that it calls."""
    function = node.func if isinstance(node, ast.Call) else None
    return [
        child
        for child in _children(node)
        if isinstance(child, ast.expr)
        and not (child is function and isinstance(function, ast.Name))
    ]


def path_of(node: ast.expr) -> str | None:
    """The path that a node spells, such as `backbone.c5`; None for any other node."""
    if isinstance(node, ast.Name):
        return node.id.replace(_DOT, ".")
    if isinstance(node, ast.Attribute):
        head = path_of(node.value)
        return None if head is None else f"{head}.{node.attr}"
    return None
