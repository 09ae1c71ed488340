"""Text to a checked expression: Python's own parser, and a list of the allowed syntax nodes."""

from __future__ import annotations

import _ast as ast  # the node classes; `ast` itself takes 2 ms to load
from collections.abc import Callable, Container, Sequence
from functools import lru_cache
from math import isfinite
from typing import Any, Final

from netspec.diagnostics import Code
from netspec.expr.errors import DEEPEST, ExpressionError, nested_too_deep, quoted_piece
from netspec.expr.tokens import tokens
from netspec.expr.words import (
    BINARY,
    COMPARISON_SIGNS,
    FUNCTIONS,
    LATER_WORDS,
    LITERALS,
    PLACES,
    TENSOR_WORDS,
    UNARY,
    access,
    no_function,
    no_word,
)
from netspec.limits import LARGEST

_CHARACTERS: Final = 4
"""Characters of an expression that count as one operation."""


class Expression:
    """A checked expression. Its `tree` has only nodes that `evaluate` supports."""

    __slots__ = ("cost", "functions", "names", "roots", "run", "tensors", "text", "tree")

    def __init__(
        self, text: str, tree: ast.expr, names: frozenset[str], roots: frozenset[str],
        tensors: frozenset[str], functions: frozenset[str],
    ) -> None:  # fmt: skip
        self.text = text
        self.cost = len(text) // _CHARACTERS
        """The operations that its length counts as."""
        self.tree = tree
        """Its nodes' offsets count characters of `text`."""
        self.names = names
        """The bare names in it."""
        self.roots = roots
        """The names in it that have an attribute: `x` of `x.height`, `stage` of `stage.index`."""
        self.tensors = tensors
        """The names in `roots` whose tensor attributes are used."""
        self.functions = functions
        """The functions that it calls, of those that version 1.1 of the language introduced."""
        self.run: Callable[..., object] | None = None
        """The compiled form of the tree, created by the first `evaluate`."""

    def mentions(self, name: str) -> bool:
        """Whether its value may depend on that name."""
        return name in self.names or name in self.roots

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def parse_expression(text: str) -> Expression:
    """The expression that a text is; raises `ExpressionError`.

    >>> sorted(parse_expression("2 * growth if i else x.channels").names)
    ['growth', 'i']
    """
    expression = _parsed(text)
    if type(expression) is Expression:
        return expression
    raise expression.shifted(0)  # type: ignore[union-attr] # the other one of two


@lru_cache(maxsize=8192)
def _parsed(text: str) -> Expression | ExpressionError:
    """The expression, or its error, cached: a loop parses the same text again and again."""
    try:
        return _read(text)
    except ExpressionError as error:
        return error


def _read(text: str) -> Expression:
    words = tokens(text)
    start = words[0].start
    # No word of an expression holds a line break or blank that matters, so it becomes one line.
    line = "".join(" " if c in "\r\n\f\t" else c for c in text[start : words[-1].end])
    try:
        root = compile(line, "<unknown>", "eval", ast.PyCF_ONLY_AST, dont_inherit=True)
        assert isinstance(root, ast.Expression)
        tree = root.body
        check = Check(text, line, start)
        check.visit(tree, 0)
    except SyntaxError as error:
        from netspec.expr.syntax_errors import syntax_error

        raise syntax_error(text, words, start + (error.offset or 1) - 1, error.msg) from None
    except (MemoryError, RecursionError):
        raise nested_too_deep(0, len(text)) from None
    except ValueError:
        message = "the expression contains an invalid character"
        raise ExpressionError(Code.EXPRESSION, message, 0, len(text)) from None
    return Expression(
        text, tree, frozenset(check.names), frozenset(check.roots), frozenset(check.tensors),
        frozenset(check.functions),
    )  # fmt: skip


class Check:
    """One traversal of a tree: rejects unsupported nodes, collects names, sets the offsets."""

    def __init__(self, text: str, line: str, start: int) -> None:
        self.text, self.start = text, start
        # Python counts bytes; where that differs from characters, translate.
        self.bytes = None if line.isascii() else line.encode()
        self.names: set[str] = set()
        self.functions: set[str] = set()
        self.roots: set[str] = set()
        self.tensors: set[str] = set()
        self.bound: frozenset[str] = frozenset()
        self.pending: frozenset[str] = frozenset()

    def visit(self, node: Any, depth: int) -> None:
        """Check a node and all below it."""
        self._place(node)
        if depth > DEEPEST:
            raise nested_too_deep(node.col_offset, node.end_col_offset)
        check = _CHECKS.get(type(node))
        if check is None:
            raise self._rejected(node, _REJECTED.get(type(node), "is not supported in expressions"))
        check(self, node, depth + 1)

    def _place(self, node: Any) -> None:
        node.col_offset = self._offset(node.col_offset)
        node.end_col_offset = self._offset(node.end_col_offset)

    def _offset(self, column: int) -> int:
        if self.bytes is not None:
            column = len(self.bytes[:column].decode())
        return self.start + column

    def _rejected(
        self, node: Any, predicate: str, code: str = Code.EXPRESSION, helps: tuple[str, ...] = ()
    ) -> ExpressionError:
        start, end = node.col_offset, node.end_col_offset
        message = f"{quoted_piece(self.text[start:end])} {predicate}"
        return ExpressionError(code, message, start, end, helps)

    def _all(self, nodes: list[ast.expr], depth: int) -> None:
        for node in nodes:
            self.visit(node, depth)

    def _operators(self, node: ast.expr, used: Sequence[ast.AST], known: Container[type]) -> None:
        if not all(type(operator) in known for operator in used):
            raise self._rejected(node, "has an operator that expressions do not support")

    def constant(self, node: ast.Constant, _depth: int) -> None:
        """Numbers within bounds, text, booleans, null."""
        value = node.value
        if isinstance(value, int) and abs(value) > LARGEST:
            raise self._rejected(node, f"is above 10**{len(str(LARGEST)) - 1}", Code.BOUNDS)
        if isinstance(value, float) and not isfinite(value):
            raise self._rejected(node, "is above 1e308", Code.BOUNDS)
        if not isinstance(value, int | float | str | None):
            raise self._rejected(node, "is not a value of the language")

    def name(self, node: ast.Name, _depth: int) -> None:
        """A bare name: a literal's, a comprehension's, or the scope's."""
        if node.id in self.pending:
            raise self._rejected(node, "is used before its `for` binds it")
        if node.id not in self.bound and node.id not in LITERALS:
            self.names.add(node.id)

    def unary(self, node: ast.UnaryOp, depth: int) -> None:
        """`not`, `-` and `+`."""
        self._operators(node, [node.op], UNARY)
        self.visit(node.operand, depth)

    def binary(self, node: ast.BinOp, depth: int) -> None:
        """The arithmetic operators."""
        self._operators(node, [node.op], BINARY)
        self._all([node.left, node.right], depth)

    def logical(self, node: ast.BoolOp, depth: int) -> None:
        """`and` and `or`."""
        self._all(node.values, depth)

    def compare(self, node: ast.Compare, depth: int) -> None:
        """Comparisons, in chains too."""
        self._operators(node, node.ops, COMPARISON_SIGNS)
        self._all([node.left, *node.comparators], depth)

    def choice(self, node: ast.IfExp, depth: int) -> None:
        """`a if c else b`."""
        self._all([node.test, node.body, node.orelse], depth)

    def items(self, node: ast.List | ast.Tuple, depth: int) -> None:
        """A list, in brackets or not."""
        self._all(node.elts, depth)

    def comprehension(self, node: ast.ListComp, depth: int) -> None:
        """`[… for k in … if …]`, each `for` with one name."""
        outer, before = self.bound, self.pending
        targets = [self._target(node, part) for part in node.generators]
        for number, (part, target) in enumerate(zip(node.generators, targets, strict=True)):
            self.visit(part.iter, depth)
            if number == 0:
                self.pending = before | (frozenset(targets) - outer)
            self.bound, self.pending = self.bound | {target}, self.pending - {target}
            self._all(part.ifs, depth)
        self.visit(node.elt, depth)
        self.bound, self.pending = outer, before

    def _target(self, node: ast.ListComp, part: ast.comprehension) -> str:
        if part.is_async:
            raise self._rejected(node, "is not supported in expressions")
        if not isinstance(part.target, ast.Name) or part.target.id in LITERALS:
            raise self._rejected(node, "must have one plain name after `for`")
        return part.target.id

    def subscript(self, node: ast.Subscript, depth: int) -> None:
        """`list[index]` and `list[start:end:step]`."""
        self.visit(node.value, depth)
        if isinstance(node.slice, ast.Slice):
            ends = [node.slice.lower, node.slice.upper, node.slice.step]
            self._all([end for end in ends if end is not None], depth)
        elif isinstance(node.slice, ast.Tuple):
            self._place(node.slice)
            raise self._rejected(node, "has several indices; a list takes one index")
        else:
            self.visit(node.slice, depth)

    def call(self, node: ast.Call, depth: int) -> None:
        """A call of one of the functions, or of a tensor's `size`."""
        if isinstance(node.func, ast.Attribute):
            self._access(node, depth)
            return
        self._place(node.func)
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            message, helps = no_function(self.text[node.func.col_offset : node.func.end_col_offset])
            raise self._rejected(node.func, message, helps=helps)
        if node.func.id in LATER_WORDS:
            self.functions.add(node.func.id)
        if node.keywords:
            raise self._rejected(
                node, "passes an argument by name; functions take arguments by position"
            )
        self._all(node.args, depth)
        fewest, most = FUNCTIONS[node.func.id]
        if not fewest <= len(node.args) <= most:
            expected_count = str(fewest) if fewest == most else f"{fewest} to {most}"
            expected_count = expected_count if most < len(self.text) else f"at least {fewest}"
            count = len(node.args)
            raise self._rejected(
                node, f"passes {count} arguments; `{node.func.id}` takes {expected_count}"
            )

    def attribute(self, node: ast.Attribute, depth: int) -> None:
        """A tensor's size, a loop variable's place."""
        self._access(node, depth)

    def _access(self, node: ast.Attribute | ast.Call, depth: int) -> None:
        attribute = node if isinstance(node, ast.Attribute) else node.func
        assert isinstance(attribute, ast.Attribute)
        if isinstance(node, ast.Call):
            self._place(attribute)
        access_path = access(node)
        if access_path is None or access_path.word not in (*TENSOR_WORDS, *PLACES):
            message, helps = no_word(node, attribute.attr)
            raise self._rejected(node, message, helps=helps)
        if access_path.root in self.bound or access_path.root in LITERALS:
            raise self._rejected(
                node, f"reads a size of `{access_path.root}`, which is not a tensor"
            )
        if access_path.axis is not None:
            self.visit(access_path.axis, depth)
        self.roots.add(access_path.root)
        if not access_path.is_place:
            self.tensors.add(access_path.root)


_CHECKS: Final[dict[type, Callable[[Check, Any, int], None]]] = {
    ast.Constant: Check.constant,
    ast.Name: Check.name,
    ast.UnaryOp: Check.unary,
    ast.BinOp: Check.binary,
    ast.BoolOp: Check.logical,
    ast.Compare: Check.compare,
    ast.IfExp: Check.choice,
    ast.List: Check.items,
    ast.Tuple: Check.items,
    ast.ListComp: Check.comprehension,
    ast.Subscript: Check.subscript,
    ast.Call: Check.call,
    ast.Attribute: Check.attribute,
}
_REJECTED: Final[dict[type, str]] = {
    ast.GeneratorExp: "is not supported in expressions; write the list `[… for … in …]`",
    ast.Starred: "is not supported in expressions; join lists with `+`",
}
