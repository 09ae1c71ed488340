"""An expression as Python source for generated programs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

from netspec.dims import Domain, Shape
from netspec.expr.errors import ExpressionError
from netspec.expr.evaluate import evaluate
from netspec.expr.parser import Expression, parse_expression
from netspec.expr.traversal import TreeTransformer, copy_tree, walk_tree
from netspec.expr.words import AXES, LITERALS, MATH, NUMBERS, Access, access

NameSource = Callable[[str], str | ast.expr]
TensorSource = Callable[[str, int], str | ast.expr]

_BOUND: Final = "__bound"
"""Ends the variables of comprehensions until all names of the program are known."""
_ROUNDING: Final = ("int", "round", "floor", "ceil")
_CONSUMERS: Final = ("len", "sum", "min", "max")


def to_python(expression: Expression, name: NameSource, tensor: TensorSource) -> str:
    """The source that computes the same from tensors at run time.

    `name` gives the source for a bare name (and for `stage.index`, asked for as that), `tensor`
    that for the k-th tensor of a root. If the result contains `math.`, the program must import `math`.

    >>> from netspec.expr.parser import parse_expression
    >>> to_python(parse_expression("x.height // g"), lambda name: "4 + 4", lambda root, k: root)
    'x.size(-2) // (4 + 4)'
    """
    return ast.unparse(to_tree(expression, name, tensor))


def to_tree(expression: Expression, name: NameSource, tensor: TensorSource) -> ast.expr:
    """The same as a tree; `name` and `tensor` may return trees of their own, which stay unchanged."""
    writer = _PythonWriter(name, tensor)
    written: ast.expr = writer.visit(copy_tree(expression.tree))
    if writer.has_comprehensions:
        nodes = [node for node in walk_tree(written) if isinstance(node, ast.Name)]
        bound = {node.id for node in nodes if node.id.endswith(_BOUND)}
        _rename(nodes, {name: name.removesuffix(_BOUND) for name in bound})
    return written


def without_capture(source: str, names: set[str]) -> str:
    """The source with the variables of its comprehensions renamed where they are among `names`.

    >>> without_capture("[a + slot for a in (1, 2)]", {"a"})
    '[a_ + slot for a_ in (1, 2)]'
    """
    tree = ast.parse(source, mode="eval")
    nodes = [node for node in walk_tree(tree) if isinstance(node, ast.Name)]
    targets = {node.id for node in nodes if isinstance(node.ctx, ast.Store)} & names
    _rename(nodes, {name: f"{name}_" for name in targets}, names)
    return ast.unparse(tree) if targets else source


def _rename(nodes: list[ast.Name], new_names: dict[str, str], taken: Iterable[str] = ()) -> None:
    """Rename names as requested, with underscores to avoid collisions."""
    others = {node.id for node in nodes} - new_names.keys() | set(taken)
    for name, fresh in sorted(new_names.items()):
        while fresh in others:
            fresh += "_"
        others.add(fresh)
        for node in nodes:
            if node.id == name:
                node.id = fresh


class _PythonWriter(TreeTransformer):
    """Rewrites a checked tree as plain Python."""

    def __init__(self, name: NameSource, tensor: TensorSource) -> None:
        self.name, self.tensor = name, tensor
        self.bound: frozenset[str] = frozenset()
        self.rounded = False
        self.has_comprehensions = False

    def _root(self, asked: Access) -> ast.expr:
        if asked.is_place:
            return _parsed(self.name(f"{asked.root}.{asked.word}"))
        return _parsed(self.tensor(asked.root, asked.input or 0))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A bare name."""
        if node.id in self.bound:
            return ast.Name(f"{node.id}{_BOUND}", node.ctx)
        if node.id in LITERALS:
            return ast.Constant(LITERALS[node.id])  # type: ignore[arg-type] # a bool or None
        if node.id in NUMBERS:
            try:
                return _parsed(self.name(node.id))
            except Exception:  # the caller's own, for a name that it does not know
                return ast.Attribute(ast.Name("math"), node.id)
        return _parsed(self.name(node.id))

    def visit_Tuple(self, node: ast.Tuple) -> ast.expr:
        """A list without brackets."""
        return ast.List([self.visit(item) for item in node.elts], ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """A tensor's size or a loop variable's place."""
        return self._access(node)

    def _access(self, node: ast.Attribute | ast.Call) -> ast.expr:
        asked = access(node)
        assert asked is not None
        root = self._root(asked)
        if asked.is_place:
            return root
        if asked.word == "rank":
            return _method(root, "dim")
        if asked.axis is not None:
            return _method(root, "size", self.visit(asked.axis))
        return _method(root, "size", _number(AXES[asked.word]))

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Arithmetic. A size that is divided was proved to be divisible, and must stay whole."""
        divides_size = isinstance(node.op, ast.Div) and not self.rounded and _has_size(node)
        op = ast.FloorDiv() if divides_size else node.op
        return _folded(ast.BinOp(self.visit(node.left), op, self.visit(node.right)))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """A sign, or `not`."""
        return _folded(ast.UnaryOp(node.op, self.visit(node.operand)))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """A comparison."""
        right = [self.visit(value) for value in node.comparators]
        return _folded(ast.Compare(self.visit(node.left), node.ops, right))

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """One of two values; if the condition is decided, the other may not even be defined."""
        test = self.visit(node.test)
        if isinstance(test, ast.Constant):
            return self.visit(node.body if test.value else node.orelse)  # type: ignore[no-any-return]
        return ast.IfExp(test, self.visit(node.body), self.visit(node.orelse))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """`and` and `or`: removes operands that are decided, and those after a deciding one."""
        decides = isinstance(node.op, ast.Or)
        operands: list[ast.expr] = []
        for value in node.values:
            written = self.visit(value)
            constant = isinstance(written, ast.Constant)
            if constant and bool(written.value) != decides and value is not node.values[-1]:
                continue
            operands.append(written)
            if constant and bool(written.value) == decides:
                break
        return operands[0] if len(operands) == 1 else ast.BoolOp(node.op, operands)

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        """A comprehension; its first list is computed outside of it."""
        self.has_comprehensions = True
        outer, parts = self.bound, []
        for part in node.generators:
            assert isinstance(part.target, ast.Name)
            source = self._consumed(part.iter)
            self.bound = self.bound | {part.target.id}
            tests = [self.visit(test) for test in part.ifs]
            parts.append(ast.comprehension(self.visit(part.target), source, tests, 0))
        written = ast.ListComp(self.visit(node.elt), parts)
        self.bound = outer
        return written

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A function, or a tensor's `size`."""
        if isinstance(node.func, ast.Attribute):
            return self._access(node)
        assert isinstance(node.func, ast.Name)
        function = node.func.id
        if function in _ROUNDING:
            return self._rounding(node, function)
        if function in _CONSUMERS and len(node.args) == 1:
            return _call(function, self._consumed(node.args[0]))
        arguments = [self.visit(value) for value in node.args]
        if function in MATH:
            return ast.Call(ast.Attribute(ast.Name("math"), function), arguments, [])
        written = _call(function, *arguments)
        return _call("list", written) if function == "range" else written

    def _consumed(self, node: ast.expr) -> ast.expr:
        """An iterable that is only traversed: a `range` need not become a list."""
        match self.visit(node):
            case ast.Call(ast.Name("list"), [ast.Call(ast.Name("range")) as numbers]):
                return numbers
            case written:
                assert isinstance(written, ast.expr)
                return written

    def _rounding(self, node: ast.Call, function: str) -> ast.expr:
        value, *digits = node.args
        if not digits and _is_whole(value):
            return self.visit(value)  # type: ignore[no-any-return] # an expression's node is one
        outer, self.rounded = self.rounded, True
        arguments = [self.visit(argument) for argument in node.args]
        self.rounded = outer
        if function in ("floor", "ceil"):
            return ast.Call(ast.Attribute(ast.Name("math"), function), arguments, [])
        return _call(function, *arguments)


def _folded(node: ast.expr) -> ast.expr:
    """The node, or its value if it consists of literals."""
    if any(isinstance(part, ast.Name | ast.Call) for part in walk_tree(node)):
        return node
    try:
        value = evaluate(parse_expression(ast.unparse(node)), _NOTHING)
    except ExpressionError:
        return node
    if not isinstance(value, bool | int | float):
        return node
    return _number(value)


def _number(value: float) -> ast.expr:
    """A number; as a constant, a negative one would be written without the brackets that it may need."""
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


class _Nothing:
    """A scope in which no name means anything."""

    def name(self, name: str) -> object:
        raise KeyError(name)

    def tensor(self, name: str) -> list[Shape | None]:
        raise KeyError(name)

    def names(self) -> list[str]:
        return []

    def known(self) -> dict[str, Domain]:
        return {}


_NOTHING: Final = _Nothing()


def _parsed(source: str | ast.expr) -> ast.expr:
    if not isinstance(source, str):
        return source
    return copy_tree(_tree_of(source.strip()))


@lru_cache(1024)
def _tree_of(source: str) -> ast.expr:
    return ast.parse(source, mode="eval").body


def _call(function: str, *arguments: Any) -> ast.Call:
    return ast.Call(ast.Name(function), list(arguments), [])


def _method(root: ast.expr, name: str, *arguments: Any) -> ast.Call:
    return ast.Call(ast.Attribute(root, name), list(arguments), [])


def _has_size(node: ast.expr) -> bool:
    return any(
        isinstance(part, ast.Attribute) and part.attr in (*AXES, "size") for part in walk_tree(node)
    )


def _is_whole(node: ast.expr) -> bool:
    """Whether the value is an integer whatever the names in it mean."""
    match node:
        case ast.Constant(value):
            return type(value) is int
        case ast.Attribute() | ast.Call(ast.Attribute()):
            asked = access(node)
            return asked is not None and asked.word not in ("first", "last")
        case ast.Call(ast.Name("int" | "floor" | "ceil" | "len")):
            return True
        case ast.Call(ast.Name("round"), [_]):
            return True
        case ast.Call(ast.Name("min" | "max"), [_, _, *_] as values):
            return all(map(_is_whole, values))
        case ast.BinOp(
            left, ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv() | ast.Mod(), right
        ):
            return _is_whole(left) and _is_whole(right)
        case ast.UnaryOp(ast.USub() | ast.UAdd(), value):
            return _is_whole(value)
        case ast.IfExp(_, body, other):
            return _is_whole(body) and _is_whole(other)
    return False
