"""What is wrong with the arguments of a step, reported at its place in the text."""

from __future__ import annotations

from netspec.diagnostics import Diagnostic, Edit, Help, advice
from netspec.document import Scalar, TextNode
from netspec.elaborate.call_arguments import Values
from netspec.elaborate.scope import Reader
from netspec.expr import ExpressionError, LoopItem, parse_expression
from netspec.graph.source_spans import around
from netspec.layer.base import ArgumentError
from netspec.syntax import Step


def report_argument(values: Values, step: Step, error: ArgumentError, reader: Reader) -> None:
    """Report what is wrong with an argument of a step."""
    written: TextNode = step.op or step.place
    level = reader.frame.level
    for key, value in step.arguments:
        if key.text == error.name:
            written = value
    if values.is_misspelled_type(written, reader):
        return
    from netspec.elaborate.argument_places import argument_place
    from netspec.elaborate.unknown_argument import without_comma

    place, labels = argument_place(written, error.name, level.child(step.title), reader)
    general = [advice(h, place.span) for h in error.helps]
    if isinstance(written, Scalar) and written.value == "causal":
        from netspec.diagnosis.causal_padding import causal_helps

        general = causal_helps(step, general)
    helps = (*without_comma(written), *_computing(written, reader), *general)
    values.diagnostics.add(
        Diagnostic(
            error.code,
            error.message,
            place.span,
            error.label,
            labels,
            helps=helps,
            path=level.child(step.title),
            frames=around(level),
        )
    )


def _computing(node: TextNode, reader: Reader) -> tuple[Help, ...]:
    """How to mark a text as an expression, if that is most likely the intention."""
    text = node.text if isinstance(node, Scalar) else ""
    if text not in reader.env:
        return ()
    held = reader.env[text]
    held = held.value if isinstance(held, LoopItem) else held
    if not isinstance(held, str):
        return ()
    try:
        parse_expression(held)
    except ExpressionError:
        return ()
    if held.isidentifier():
        return (
            Help(f"to pass the value of `{text}`, write `={text}`", (Edit(node.span, f"={text}"),)),
        )
    return (Help(f"`{text}` is the text `{held}`: declare it as `={held}` to compute it"),)
