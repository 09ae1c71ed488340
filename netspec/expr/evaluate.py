"""The value of an expression at one place of a spec.

A tree is turned into nested closures once; running them again for another place is cheap.
"""

from __future__ import annotations

import _ast as ast  # the node classes; `ast` itself takes 2 ms to load
from collections.abc import Callable
from typing import Any, Final

from netspec.diagnostics import Code
from netspec.expr.bounded_arithmetic import OPERATIONS, Apply, signed
from netspec.expr.comparison import COMPARISONS, truth
from netspec.expr.errors import WORK, ExpressionError, OperationError
from netspec.expr.functions import CALLS, ROUNDED, rounded_quotient
from netspec.expr.parser import Expression
from netspec.expr.tensors import loop_place, size_of, unknown_name
from netspec.expr.traversal import walk_tree
from netspec.expr.value_types import (
    UNKNOWN,
    EvaluationFrame,
    LoopItem,
    Run,
    Scope,
    is_list,
    kind,
    whole_list,
)
from netspec.expr.words import BINARY, COMPARISON_SIGNS, LITERALS, NUMBERS, UNARY, access
from netspec.limits import RunBudget


def evaluate(expression: Expression, scope: Scope, budget: RunBudget | None = None) -> object:
    """The value of an expression, `UNKNOWN` if it depends on one; raises `ExpressionError`.

    What it takes is charged to the budget of the run, which raises `LimitError` where too little is left.
    """
    frame = EvaluationFrame(scope)
    try:
        run = expression.run
        if run is None:
            run = expression.run = _ClosureBuilder(expression.text).build(expression.tree)
        return run(frame)
    except RecursionError:
        what = "is nested too deeply"
    except OverflowError as error:
        what = f"becomes {error}"
    finally:
        if budget is not None:
            budget.work -= WORK - frame.left + expression.cost
            if budget.work < 0:
                budget.spend_work(0)
    raise OperationError(Code.BOUNDS, what).located(expression.text, 0, len(expression.text))


class _ClosureBuilder:
    """Makes closures of a checked tree."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.bound: frozenset[str] = frozenset()

    def build(self, node: ast.expr) -> Run:
        """The closure of a node and all below it."""
        return _BUILDS[type(node)](self, node)

    def located(self, error: OperationError, node: Any) -> ExpressionError:
        """The error of an operation that is written at this node."""
        return error.located(self.text, node.col_offset, node.end_col_offset)

    def constant(self, node: ast.Constant) -> Run:
        """A literal."""
        value = node.value
        return lambda _frame: value

    def name(self, node: ast.Name) -> Run:
        """A bare name."""
        name = node.id
        if name in self.bound:
            return lambda frame: frame.local[name]
        if name in LITERALS:
            value = LITERALS[name]
            return lambda _frame: value

        def run(frame: EvaluationFrame) -> object:
            try:
                value = frame.scope.name(name)
            except KeyError:
                if name in NUMBERS:
                    return NUMBERS[name]
                raise self.located(unknown_name(frame.scope, name), node) from None
            return value.value if type(value) is LoopItem else value

        return run

    def access(self, node: ast.Attribute | ast.Call) -> Run:
        """A tensor's size or a loop variable's place."""
        asked = access(node)
        assert asked is not None
        axis = self.build(asked.axis) if asked.axis is not None else None
        is_place = asked.is_place

        def run(frame: EvaluationFrame) -> object:
            try:
                if is_place:
                    return loop_place(frame, asked)
                return size_of(frame, asked, axis(frame) if axis is not None else None)
            except OperationError as error:
                if error.code == Code.UNKNOWN_NAME:
                    start = node.col_offset
                    raise error.located(self.text, start, start + len(asked.root)) from None
                raise self.located(error, node) from None

        return run

    def unary(self, node: ast.UnaryOp) -> Run:
        """`not`, `-` and `+`."""
        if isinstance(node.op, ast.Not):
            test = self.truth(node.operand)

            def negate(frame: EvaluationFrame) -> object:
                value = test(frame)
                return value if value is UNKNOWN else not value

            return negate
        sign, operand = UNARY[type(node.op)], self.build(node.operand)

        def run(frame: EvaluationFrame) -> object:
            try:
                return signed(sign, operand(frame), frame)
            except OperationError as error:
                raise self.located(error, node) from None

        return run

    def binary(self, node: ast.BinOp) -> Run:
        """Arithmetic."""
        apply = OPERATIONS[BINARY[type(node.op)]]
        return self._applied(apply, self.build(node.left), self.build(node.right), node)

    def _applied(self, apply: Apply, left: Run, right: Run, node: ast.expr) -> Run:
        def run(frame: EvaluationFrame) -> object:
            try:
                return apply(left(frame), right(frame), frame)
            except OperationError as error:
                raise self.located(error, node) from None

        return run

    def truth(self, node: ast.expr) -> Run:
        """The truth of a node's value: a bool, or UNKNOWN."""
        value = self.build(node)

        def run(frame: EvaluationFrame) -> object:
            operand = value(frame)
            if operand is True or operand is False:
                return operand
            try:
                return truth(operand, frame)
            except OperationError as error:
                raise self.located(error, node) from None

        return run

    def logical(self, node: ast.BoolOp) -> Run:
        """`and` and `or`, which return one of their values, as in Python."""
        values = [self.build(value) for value in node.values]
        stops_at = isinstance(node.op, ast.Or)
        places = list(zip(values[:-1], node.values, strict=False))
        last = values[-1]

        def run(frame: EvaluationFrame) -> object:
            for value, place in places:
                operand = value(frame)
                try:
                    holds = truth(operand, frame)
                except OperationError as error:
                    raise self.located(error, place) from None
                if holds is UNKNOWN or holds is stops_at:
                    return operand
            return last(frame)

        return run

    def compare(self, node: ast.Compare) -> Run:
        """Comparisons; a chain holds if each of its links does."""
        signs = [COMPARISON_SIGNS[type(op)] for op in node.ops]
        applies = [COMPARISONS[sign] for sign in signs]
        first, *rest = (self.build(value) for value in (node.left, *node.comparators))
        if len(rest) == 1:
            return self._applied(applies[0], first, rest[0], node)
        links = list(zip(applies, rest, strict=True))

        def run(frame: EvaluationFrame) -> object:
            left = first(frame)
            holds: object = True
            for apply, value in links:
                right = value(frame)
                try:
                    holds = apply(left, right, frame)
                except OperationError as error:
                    raise self.located(error, node) from None
                if holds is not True:
                    return holds
                left = right
            return holds

        return run

    def choice(self, node: ast.IfExp) -> Run:
        """`a if c else b`."""
        test, then, other = self.truth(node.test), self.build(node.body), self.build(node.orelse)

        def run(frame: EvaluationFrame) -> object:
            holds = test(frame)
            if holds is UNKNOWN:
                return UNKNOWN
            return then(frame) if holds else other(frame)

        return run

    def items(self, node: ast.List | ast.Tuple) -> Run:
        """A list."""
        values = [self.build(value) for value in node.elts]

        def run(frame: EvaluationFrame) -> object:
            items = [value(frame) for value in values]
            if UNKNOWN in items:
                return UNKNOWN
            try:
                return whole_list(items, frame)
            except OperationError as error:
                raise self.located(error, node) from None

        return run

    def comprehension(self, node: ast.ListComp) -> Run:
        """`[… for k in … if …]`."""
        from netspec.expr.comprehensions import ForClause, gather

        outer, loops = self.bound, []
        for part in node.generators:
            assert isinstance(part.target, ast.Name)
            source = self._source(part.iter)
            self.bound = self.bound | {part.target.id}
            tests = [self.truth(test) for test in part.ifs]
            loops.append(ForClause(part.target.id, source, tests))
        element = self.build(node.elt)
        self.bound = outer
        weight = _count(node.elt) + sum(
            _count(test) for part in node.generators for test in part.ifs
        )

        def run(frame: EvaluationFrame) -> object:
            local = frame.local
            items: list[object] = []
            frame.local = dict(local)
            try:
                complete = gather(loops, element, weight, frame, items)
                whole_list(items, frame)
            except OperationError as error:
                raise self.located(error, node) from None
            frame.local = local
            return items if complete else UNKNOWN

        return run

    def _source(self, node: ast.expr) -> Run:
        """The items of a `for`."""
        value = self.build(node)

        def run(frame: EvaluationFrame) -> object:
            items = value(frame)
            if items is UNKNOWN or is_list(items):
                return items
            error = OperationError(
                Code.EXPRESSION_TYPE, f"requires a list after `in`, got {kind(items)}"
            )
            raise self.located(error, node)

        return run

    def subscript(self, node: ast.Subscript) -> Run:
        """`list[index]` and `list[start:end:step]`."""
        from netspec.expr.subscripts import item_at, items_between

        value = self.build(node.value)
        if not isinstance(node.slice, ast.Slice):
            return self._applied(item_at, value, self.build(node.slice), node)
        cut = node.slice
        ends = [end and self.build(end) for end in (cut.lower, cut.upper, cut.step)]

        def run(frame: EvaluationFrame) -> object:
            items, cuts = value(frame), [end and end(frame) for end in ends]
            try:
                return items_between(items, cuts, frame)
            except OperationError as error:
                raise self.located(error, node) from None

        return run

    def call(self, node: ast.Call) -> Run:
        """A function's value, or a tensor's size."""
        if isinstance(node.func, ast.Attribute):
            return self.access(node)
        assert isinstance(node.func, ast.Name)
        if node.func.id in ROUNDED and isinstance(node.args[0], ast.BinOp) and len(node.args) == 1:
            return self.rounded(node.func.id, node.args[0], node)
        call, arguments = CALLS[node.func.id], [self.build(value) for value in node.args]

        def run(frame: EvaluationFrame) -> object:
            values = [argument(frame) for argument in arguments]
            if UNKNOWN in values:
                return UNKNOWN
            try:
                return call(frame, *values)
            except OperationError as error:
                raise self.located(error, node) from None

        return run

    def rounded(self, function: str, value: ast.BinOp, node: ast.Call) -> Run:
        """A rounded value; a quotient of a size is rounded as a whole, for it need not be whole itself."""
        divides = isinstance(value.op, ast.Div)
        left, right, plain = self.build(value.left), self.build(value.right), self.build(value)

        def run(frame: EvaluationFrame) -> object:
            try:
                if divides and (
                    quotient := rounded_quotient(function, left(frame), right(frame), frame)
                ):
                    return quotient
                result = plain(frame)
                return result if result is UNKNOWN else CALLS[function](frame, result)
            except OperationError as error:
                raise self.located(error, node) from None

        return run


def _count(node: ast.expr) -> int:
    """How many operations there are in a node."""
    return sum(isinstance(part, ast.expr) for part in walk_tree(node))


_BUILDS: Final[dict[type, Callable[[_ClosureBuilder, Any], Run]]] = {
    ast.Constant: _ClosureBuilder.constant,
    ast.Name: _ClosureBuilder.name,
    ast.UnaryOp: _ClosureBuilder.unary,
    ast.BinOp: _ClosureBuilder.binary,
    ast.BoolOp: _ClosureBuilder.logical,
    ast.Compare: _ClosureBuilder.compare,
    ast.IfExp: _ClosureBuilder.choice,
    ast.List: _ClosureBuilder.items,
    ast.Tuple: _ClosureBuilder.items,
    ast.ListComp: _ClosureBuilder.comprehension,
    ast.Subscript: _ClosureBuilder.subscript,
    ast.Call: _ClosureBuilder.call,
    ast.Attribute: _ClosureBuilder.access,
}
