"""An expression as Python source for generated programs."""

from __future__ import annotations

import ast
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final

from netspec.expr.parse import Expression
from netspec.expr.words import AXES, LITERALS, Access, access

NameSource = Callable[[str], str]
TensorSource = Callable[[str, int], str]

_ROUNDING: Final = ("int", "round", "floor", "ceil")
_CONSUMERS: Final = ("len", "sum", "min", "max")


def to_python(expression: Expression, name: NameSource, tensor: TensorSource) -> str:
    """The source that computes the same from tensors at run time.

    `name` gives the source for a bare name (and for `stage.index`, asked for as that), `tensor`
    that for the k-th tensor of a root. Where `math.` comes out, the program must import `math`.

    >>> from netspec.expr.parse import parse_expression
    >>> to_python(parse_expression("x.height // g"), lambda name: "4 + 4", lambda root, k: root)
    'x.size(-2) // (4 + 4)'
    """
    return ast.unparse(_Writer(expression, name, tensor).visit(deepcopy(expression.tree)))


class _Writer(ast.NodeTransformer):
    """Rewrites a checked tree in the terms of plain Python."""

    def __init__(self, expression: Expression, name: NameSource, tensor: TensorSource) -> None:
        self.name, self.tensor = name, tensor
        self.bound: frozenset[str] = frozenset()
        self.rounded = False
        self.renamed: dict[str, str] = {}
        self._rename_targets(expression)

    def _rename_targets(self, expression: Expression) -> None:
        """Rename the comprehensions' variables that would hide one of the program's."""
        nodes = list(ast.walk(expression.tree))
        targets = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        if not targets:
            return
        sources = [_parsed(self.name(name)) for name in expression.names]
        for node in nodes:
            asked = access(node) if isinstance(node, ast.Attribute | ast.Call) else None
            if asked is not None:
                sources.append(self._root(asked))
        taken = {n.id for source in sources for n in ast.walk(source) if isinstance(n, ast.Name)}
        for target in sorted(targets & taken):
            fresh = target + "_"
            while fresh in taken | targets:
                fresh += "_"
            self.renamed[target] = fresh

    def _root(self, asked: Access) -> ast.expr:
        if asked.is_place:
            return _parsed(self.name(f"{asked.root}.{asked.word}"))
        return _parsed(self.tensor(asked.root, asked.input or 0))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A bare name."""
        if node.id in self.bound:
            return ast.Name(self.renamed.get(node.id, node.id), node.ctx)
        if node.id in LITERALS:
            return ast.Constant(LITERALS[node.id])  # type: ignore[arg-type] # a bool or None
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
        return _method(root, "size", _parsed(str(AXES[asked.word])))

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Arithmetic. A size that is divided was proved to be divisible, and must stay whole."""
        divides_size = isinstance(node.op, ast.Div) and not self.rounded and _has_size(node)
        op = ast.FloorDiv() if divides_size else node.op
        return ast.BinOp(self.visit(node.left), op, self.visit(node.right))

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        """A comprehension; its first list is computed outside of it."""
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
        written = _call(function, *(self.visit(value) for value in node.args))
        return _call("list", written) if function == "range" else written

    def _consumed(self, node: ast.expr) -> ast.expr:
        """What is only gone through: a `range` need not become a list for that."""
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


def _parsed(source: str) -> ast.expr:
    return ast.parse(source.strip(), mode="eval").body


def _call(function: str, *arguments: Any) -> ast.Call:
    return ast.Call(ast.Name(function), list(arguments), [])


def _method(root: ast.expr, name: str, *arguments: Any) -> ast.Call:
    return ast.Call(ast.Attribute(root, name), list(arguments), [])


def _has_size(node: ast.expr) -> bool:
    return any(
        isinstance(part, ast.Attribute) and part.attr in (*AXES, "size") for part in ast.walk(node)
    )


def _is_whole(node: ast.expr) -> bool:
    """Whether the value is a whole number whatever the names in it mean."""
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
