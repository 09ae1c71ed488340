"""Steps that no use runs: a name that means nothing is a mistake of the text anyway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netspec.document import Scalar
from netspec.elaborate.call_arguments import Values
from netspec.elaborate.evaluator import expression_diagnostic
from netspec.elaborate.scope import BodyScope, Reader, Result
from netspec.expr import UNKNOWN, ExpressionError
from netspec.graph.nodes import Level, unknown
from netspec.syntax import FORMULAS_SINCE, UNNAMED, Body, Spec, Step


def look_at_left_out(spec: Spec, ran: set[Step], values: Values) -> None:
    """Report unknown ops, arguments and names in the steps of a file that were never run."""
    if spec.body is not None:
        _look(spec.body, frozenset(spec.parameters), spec, ran, values)
    for block in spec.blocks.values():
        _look(block.body, frozenset(block.parameters), spec, ran, values)


def _look(body: Body, names: frozenset[str], spec: Spec, ran: set[Step], values: Values) -> None:
    level = Level("", "", None, None)
    frame = BodyScope(level, (unknown(level),), spec, {}, None, body)
    frame.steps[UNNAMED] = Result(unknown(level))  # what runs before is not known here
    for step, bound in _steps(body.steps, names):
        if step not in ran and step.op is not None and step.op.text not in bound:
            env = dict.fromkeys((*bound, "i"), UNKNOWN)
            reader = Reader(frame, env, frame.inputs, {})
            if step.op.text[:1] == "=" and spec.version >= FORMULAS_SINCE:
                _look_at_formula(step.op, values)
                continue
            op = values.definition(step.op.text, step.op, reader, spec)
            if op is not None:
                values.call_arguments(op.definition, step.arguments, reader, spec, step)


def _look_at_formula(node: Scalar, values: Values) -> None:
    """Report a formula that is no expression; what its names mean is not known here."""
    from netspec.expr.formula_parser import parse_formula

    try:
        parse_formula(node.text[1:])
    except ExpressionError as error:
        values.diagnostics.add(expression_diagnostic(error, node, 1))


def _steps(steps: Iterable[Step], bound: frozenset[str]) -> Iterator[tuple[Step, frozenset[str]]]:
    """All steps within some, with the names that are bound around each."""
    for step in steps:
        inner = bound | {key.text for key, _ in step.each or ()}
        yield step, inner
        yield from _steps(step.inside, inner)
