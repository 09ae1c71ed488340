"""The statements of a `forward` with pairs of calls in one."""

from __future__ import annotations

import ast

from netspec.codegen.special_nodes import SiteAssign, SiteReturn
from netspec.codegen.syntax import call
from netspec.optimize.pairs import Pairs


class _Step:
    """A statement that applies a module to a tensor: `x = self.conv(x)`."""

    def __init__(self, statement: SiteAssign | SiteReturn, applied: ast.Call) -> None:
        self.statement, self.site = statement, statement.site
        self.module, self.argument = applied.func, applied.args[0]

    @property
    def target(self) -> str | None:
        """The variable that has the result."""
        match self.statement:
            case ast.Assign([ast.Name(label)]):
                return label
        return None

    def reads(self, step: _Step) -> bool:
        """Whether it applies its module to the result of another step."""
        return isinstance(self.argument, ast.Name) and self.argument.id == step.target


def rewrite_forward(body: list[ast.stmt], pairs: Pairs) -> None:
    """Replace pairs of statements by one, in place.

    Args:
        body: The statements of a `forward`, or of a branch or loop in one.
        pairs: What the graph has.
    """
    position = 0
    while position < len(body):
        statement = body[position]
        for block in ("body", "orelse"):
            rewrite_forward(getattr(statement, block, []), pairs)
        following = body[position + 1] if position + 1 < len(body) else None
        first, second = _step(statement), _step(following)
        if first is not None:
            function = _pair_function(first, second, pairs)
            if function and second is not None:
                second.statement.value = call(function, first.module, second.module, first.argument)
                del body[position]
            elif pairs.is_norm(first.site):
                first.statement.value = call("_norm", first.module, first.argument)
            elif pairs.saves_activation(first.site):
                first.statement.value = call("_recomputing", first.module, first.argument)
        position += 1


def _pair_function(first: _Step, second: _Step | None, pairs: Pairs) -> str:
    """The function that applies two steps; empty if none does."""
    if second is None or not second.reads(first):
        return ""
    if pairs.is_pair(first.site, second.site):
        return "_norm_act"
    return "_conv_pool" if pairs.is_pooled(first.site, second.site) else ""


def _step(statement: ast.stmt | None) -> _Step | None:
    if isinstance(statement, SiteAssign | SiteReturn):
        match statement.value:
            case ast.Call(ast.Attribute(ast.Name("self")) | ast.Subscript(), [_], []) as applied:
                return _Step(statement, applied)
    return None
