"""The contents of a file as a tree: blocks and their steps, the body and its steps."""

from __future__ import annotations

from typing import NamedTuple

from netspec.check import Report
from netspec.diagnostics import Span
from netspec.syntax import Body, Step


class Symbol(NamedTuple):
    """A named part of the file, its position, and its contents."""

    name: str
    kind: str
    """`block`, `step`, `input` or `parameter`."""
    detail: str
    span: Span
    name_span: Span
    children: tuple[Symbol, ...] = ()


def outline(report: Report) -> list[Symbol]:
    """The named things of a file, in the order of the text."""
    spec = report.spec
    if spec is None:
        return []
    symbols = [
        Symbol(p.name, "parameter", p.type, p.place.span, p.place.span)
        for p in spec.parameters.values()
    ]
    symbols += [
        Symbol(i.name, "input", i.shape.span.text, i.place.span, i.place.span) for i in spec.inputs
    ]
    for block in spec.blocks.values():
        source = report.document.source
        whole = Span(source, block.place.start, max(block.place.end, block.body.node.end))
        symbols.append(
            Symbol(block.name, "block", block.doc, whole, block.place.span, _steps(block.body))
        )
    return [*symbols, *_steps(spec.body)]


def _steps(body: Body | None) -> tuple[Symbol, ...]:
    return tuple(_symbol(step) for step in (body.steps if body is not None else ()))


def _symbol(step: Step) -> Symbol:
    place = step.place.span
    whole = Span(place.source, min(place.start, step.node.start), max(place.end, step.node.end))
    branches = tuple(_symbol(branch) for branch in step.branches or ())
    op = step.op.text if step.op is not None else ""
    return Symbol(step.title, "step", op, whole, place, (*_steps(step.body), *branches))
