"""The text of `netspec/program_helpers`, as statements of a program."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from netspec.expr.traversal import copy_tree, names_in, walk_tree

_FOLDER = Path(__file__).parent.parent / "program_helpers"
_MODULES = ("guards", "operations", "norm_act", "dense_block", "fused_sequence")
"""The modules, each after those that it imports."""


def helpers(names: Iterable[str]) -> list[ast.stmt]:
    """The definitions of some names, and of those that they use.

    Args:
        names: Names, of which some are defined in `netspec.program_helpers`.

    Returns:
        The statements in order, which the caller may change.
    """
    definitions = _definitions()
    needed: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name in definitions and name not in needed:
            needed.add(name)
            pending += names_in(definitions[name])
    return [copy_tree(node) for name, node in definitions.items() if name in needed]


@cache
def _definitions() -> dict[str, ast.stmt]:
    """All definitions by their names, in order."""
    definitions: dict[str, ast.stmt] = {}
    for module in _MODULES:
        text = (_FOLDER / f"{module}.py").read_text(encoding="utf-8")
        tree = ast.parse(text)
        _attach_comments(tree, text)
        for node in tree.body:
            match node:
                case ast.FunctionDef(name) | ast.ClassDef(name):
                    definitions[name] = node
                case ast.Assign([ast.Name(name)]):
                    definitions[name] = node
    return definitions


def _attach_comments(tree: ast.Module, text: str) -> None:
    """Give each statement the comments above it and at its end, as the printer takes them."""
    starts: dict[int, ast.stmt] = {}
    for node in walk_tree(tree):
        if isinstance(node, ast.stmt):
            starts.setdefault(node.lineno, node)
    lines = sorted(starts)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        comment, line = token.string.removeprefix("#").strip(), token.start[0]
        if line in starts:
            starts[line].comment = comment  # type: ignore[attr-defined]
            continue
        following = next((starts[start] for start in lines if start > line), None)
        if following is not None:
            above = getattr(following, "leading", [])
            following.leading = [*above, comment]  # type: ignore[attr-defined]
