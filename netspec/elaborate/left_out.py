"""Steps that no use runs: their ops and the names of their arguments are mistakes of the text all the same."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.elaborate.graph import Level
from netspec.elaborate.scope import Frame, Reader
from netspec.elaborate.values import Values
from netspec.expr import UNKNOWN
from netspec.spec import Block, Body, Spec, Step


def look_at_left_out(spec: Spec, ran: set[int], values: Values) -> None:
    """Report unknown ops and unknown arguments of the steps of a file that were never run."""
    assert spec.root is not None
    if spec.body is not None:
        _look(spec.body, frozenset(spec.parameters), spec, ran, values)
    for block in spec.blocks.values():
        _look(block.body, frozenset(block.parameters), spec, ran, values)


def _look(body: Body, names: frozenset[str], spec: Spec, ran: set[int], values: Values) -> None:
    frame = Frame(Level("", "", None, None), (), spec, {}, None, body)
    for step, bound in _steps(body, names):
        if id(step) not in ran and step.op is not None and step.op.text not in bound:
            reader = Reader(frame, dict.fromkeys(bound, UNKNOWN), (), {})
            _look_at(step, reader, spec, values)


def _look_at(step: Step, reader: Reader, spec: Spec, values: Values) -> None:
    assert step.op is not None
    op = values.definition(step.op.text, step.op, reader, spec)
    if op is None:
        return
    definition = op.definition
    has = definition.parameters if isinstance(definition, Block) else definition.arguments
    for key, _ in step.arguments:
        if key.text not in has:
            values.stray(definition, key, reader, step)


def _steps(body: Body, bound: frozenset[str]) -> Iterator[tuple[Step, frozenset[str]]]:
    """All steps within a body, with the names that are bound around each."""
    for step in body.steps:
        inner = bound | {key.text for key, _ in step.each or ()}
        yield step, inner
        if step.body is not None:
            yield from _steps(step.body, inner)
        for branch in step.branches or ():
            yield branch, inner
            if branch.body is not None:
                yield from _steps(branch.body, inner)
