"""`expect`: the output shape that a spec declares for a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.diagnostics import Code, Diagnostic, Label, did_you_mean
from netspec.dims import Size, symbols
from netspec.document import Scalar, Sequence, TextNode
from netspec.elaborate.call_arguments import Values
from netspec.elaborate.declared_shapes import SymbolReader, read_size
from netspec.elaborate.scope import Reader, Result
from netspec.elaborate.step_context import StepContext
from netspec.graph.source_spans import around
from netspec.similar_words import closest

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Interpreter


def check_shape(
    interpreter: Interpreter, node: TextNode, result: Result, context: StepContext
) -> None:
    """Compare a result with the declared shape; `_` matches any size."""
    if not isinstance(node, Sequence):
        interpreter.values.error(
            Code.BAD_VALUE, "`expect` must be a shape", node, "not a list of sizes"
        )
        return
    shape = result.main.shape
    sizes = SymbolReader(context.frame, context.env, context.x, context.domains)
    expected_sizes = [_size(item, sizes, interpreter.values) for item in node.items]
    has_unknown = _has_unknown_symbol(node, expected_sizes, interpreter)
    if shape is None or has_unknown:
        return
    path = result.maker.path if result.maker else ""
    interpreter.conditions.set_location(node, path)
    agrees = len(expected_sizes) == len(shape) and all(
        w is None or interpreter.conditions.equal(s, w)
        for s, w in zip(shape, expected_sizes, strict=True)
    )
    if not agrees:
        from netspec.diagnosis.expected_sides import expected_sides
        from netspec.diagnosis.layer_error import shape_diagnostic
        from netspec.diagnosis.squeeze import behind_expected_shape

        cause = behind_expected_shape(result.main, expected_sizes, interpreter.conditions.known)
        if cause is not None:
            interpreter.diagnostics.add(shape_diagnostic(*cause, interpreter.values.budget))
            return
        came = ", ".join(map(str, shape))
        expected = ", ".join(" ".join(item.span.text.split()) for item in node.items)
        interpreter.diagnostics.add(
            Diagnostic(
                Code.EXPECT,
                f"`{context.step.title}` has the shape [{came}], expected [{expected}]",
                node.span,
                f"the output is [{came}]",
                (Label(context.step.place.span, "this step"),),
                helps=tuple(expected_sides(result.main, expected_sizes, interpreter.values.budget)),
                path=path,
                frames=around(context.frame.level),
            )
        )


def _has_unknown_symbol(
    node: Sequence, expected_sizes: list[Size | None], interpreter: Interpreter
) -> bool:
    """Whether a symbol is wanted that no input has; reported."""
    has_unknown = False
    if interpreter.symbols is None:
        return has_unknown
    for item, size in zip(node.items, expected_sizes, strict=True):
        for name in symbols(size) - interpreter.symbols if size is not None else ():
            suggestion = closest(name, interpreter.symbols)
            known = ", ".join(sorted(interpreter.symbols)) or "none"
            interpreter.values.error(
                Code.UNKNOWN_NAME,
                f"no input has the size `{name}`",
                item,
                "unknown symbol",
                did_you_mean(suggestion)
                if suggestion
                else f"the symbols are: {known}; `_` matches any size",
                name=name,
            )
            has_unknown = True
    return has_unknown


def _size(item: TextNode, reader: Reader, values: Values) -> Size | None:
    if isinstance(item, Scalar) and item.text == "_":
        return None
    return read_size(item, reader, values)
