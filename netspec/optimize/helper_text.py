"""The text of `netspec/program_helpers`, as statements of a program."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from netspec.codegen.imports import imports
from netspec.expr.traversal import copy_tree, names_in, walk_tree

if TYPE_CHECKING:
    from netspec.codegen.program import Program

_NOT_IMPORTED = frozenset({"__future__", "netspec"})
_FOLDER = Path(__file__).parent.parent / "program_helpers"
_MODULES = (
    "guards",
    "operations",
    "norm_act",
    "dense_block",
    "fused_sequence",
    "fold_norms",
    "rectifier",
    "activations",
    "matrix_product",
    "fused_calls",
    "channel_buffer",
    "folded_calls",
    "folded_network",
    "stored_weights",
)
"""The modules, each after those that it imports."""


def add_helpers(tree: ast.Module, program: Program) -> None:
    """Add the helpers that a program calls before its classes, and import what they use."""
    document, *rest = tree.body
    body = [node for node in rest if not isinstance(node, ast.Import | ast.ImportFrom)]
    added = helpers(names_in(*body))
    first_class = next(k for k, node in enumerate(body) if isinstance(node, ast.ClassDef))
    body[first_class:first_class] = added
    used = names_in(*added)
    own = {name: module for name, module in _library().imports.items() if name in used}
    tree.body = [document, *imports(names_in(*body), {**own, **program.own_imports}), *body]


def helpers(names: Iterable[str]) -> list[ast.stmt]:
    """The definitions of some names, and of those that they use.

    Args:
        names: Names, of which some are defined in `netspec.program_helpers`.

    Returns:
        The statements in order, which the caller may change.
    """
    definitions = _library().definitions
    needed: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name in definitions and name not in needed:
            needed.add(name)
            pending += names_in(definitions[name])
    return [copy_tree(node) for name, node in definitions.items() if name in needed]


def classes_in(constant: str) -> frozenset[str]:
    """Return the names of the classes of PyTorch in a constant of `netspec.program_helpers`.

    Args:
        constant: The name of the constant, a tuple of classes such as `nn.ReLU`.
    """
    definition = _library().definitions[constant]
    return frozenset(n.attr for n in walk_tree(definition) if isinstance(n, ast.Attribute))


class _Library(NamedTuple):
    """The contents of the modules of helpers.

    Attributes:
        definitions: The definition of each name, in order; the docstring of a constant is a comment above it.
        imports: The modules of the names that they import from elsewhere.
    """

    definitions: dict[str, ast.stmt]
    imports: dict[str, str]


@cache
def _library() -> _Library:
    library = _Library({}, {})
    for module in _MODULES:
        text = (_FOLDER / f"{module}.py").read_text(encoding="utf-8")
        tree = ast.parse(text)
        _attach_comments(tree, text)
        name = ""
        for node in tree.body:
            match node:
                case ast.FunctionDef(name) | ast.ClassDef(name):
                    library.definitions[name] = node
                case ast.Assign([ast.Name(name)]) | ast.AnnAssign(ast.Name(name)):
                    library.definitions[name] = node
                case ast.Expr(ast.Constant(str(doc))) if name:  # of the constant above
                    library.definitions[name].leading = [doc]  # type: ignore[attr-defined]
                case ast.ImportFrom(str(origin)) if origin.partition(".")[0] not in _NOT_IMPORTED:
                    library.imports.update((alias.name, origin) for alias in node.names)
    return library


def _attach_comments(tree: ast.Module, text: str) -> None:
    """Attach to each statement the comments above it and at its end, in the form of the printer."""
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
