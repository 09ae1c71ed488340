"""`expect`: the shape that a spec says must come out of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.diagnostics import Code, Diagnostic, Label, closest, did_you_mean
from netspec.dims import Size, symbols
from netspec.document import Node as Place
from netspec.document import Scalar, Sequence
from netspec.elaborate.declared_shapes import SymbolReader, read_size
from netspec.elaborate.evaluator import Values
from netspec.elaborate.scope import Reader, Result
from netspec.graph.source_spans import around
from netspec.syntax import Step

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Walk


def check_shape(walk: Walk, node: Place, step: Step, result: Result, reader: Reader) -> None:
    """Hold a result against the shape that must come out; `_` is anything."""
    if not isinstance(node, Sequence):
        walk.values.error(Code.BAD_VALUE, "`expect` must be a shape", node, "not a list of sizes")
        return
    shape = result.main.shape
    sizes = SymbolReader(reader.frame, reader.env, reader.x, reader.domains)
    expected_sizes = [_size(item, sizes, walk.values) for item in node.items]
    has_unknown = _has_unknown_symbol(node, expected_sizes, walk)
    if shape is None or has_unknown:
        return
    path = result.maker.path if result.maker else ""
    walk.conditions.set_location(node, path)
    agrees = len(expected_sizes) == len(shape) and all(
        w is None or walk.conditions.equal(s, w) for s, w in zip(shape, expected_sizes, strict=True)
    )
    if not agrees:
        from netspec.diagnosis.expected_sides import expected_sides
        from netspec.diagnosis.idle_squeeze import behind_expected_shape
        from netspec.diagnosis.layer_error import refusal

        cause = behind_expected_shape(result.main, expected_sizes, walk.conditions.known)
        if cause is not None:
            walk.findings.add(refusal(*cause, walk.values.budget))
            return
        came = ", ".join(map(str, shape))
        expected = ", ".join(" ".join(item.span.text.split()) for item in node.items)
        walk.findings.add(
            Diagnostic(
                Code.EXPECT,
                f"`{step.title}` has the shape [{came}], expected [{expected}]",
                node.span,
                f"the output is [{came}]",
                (Label(step.place.span, "this step"),),
                helps=tuple(expected_sides(result.main, expected_sizes, walk.values.budget)),
                path=path,
                frames=around(reader.frame.level),
            )
        )


def _has_unknown_symbol(node: Sequence, expected_sizes: list[Size | None], walk: Walk) -> bool:
    """Whether a symbol is wanted that no input has; reported."""
    has_unknown = False
    if walk.symbols is None:
        return has_unknown
    for item, size in zip(node.items, expected_sizes, strict=True):
        for name in symbols(size) - walk.symbols if size is not None else ():
            suggestion = closest(name, walk.symbols)
            known = ", ".join(sorted(walk.symbols)) or "none"
            walk.values.error(
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


def _size(item: Place, reader: Reader, values: Values) -> Size | None:
    if isinstance(item, Scalar) and item.text == "_":
        return None
    return read_size(item, reader, values)
