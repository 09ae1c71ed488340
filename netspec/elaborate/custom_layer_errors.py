"""A diagnostic for a custom layer whose rules fail or return something that is not a shape."""

from __future__ import annotations

from netspec.diagnostics import Code
from netspec.dims import Shape, is_size
from netspec.layer.argument_kinds import show
from netspec.layer.base import Layer, ShapeError


def is_own(layer: Layer) -> bool:
    """Whether a layer is a user's own."""
    return not type(layer).__module__.startswith("netspec.layers.")


def validate_result(layer: Layer, results: tuple[object, ...], shapes: tuple[Shape, ...]) -> None:
    """Reject results that are not shapes, and call the other rules once."""
    op = layer.op
    for shape in results:
        if not isinstance(shape, tuple) or not all(map(is_size, shape)):
            raise ShapeError(
                Code.OWN_LAYER,
                f"`{op}.infer` returned {shape!r}, which is not a shape",
                helps=("return a tuple of sizes, or a list of such tuples, from `infer`",),
            )
    if len(results) != len(layer.results):
        raise ShapeError(
            Code.OWN_LAYER,
            f"`{op}.infer` returned {len(results)} shapes, but its results are "
            f"{show(list(layer.results))}",
            helps=("name each result in `results`",),
        )
    layer.parameters(*shapes)
    layer.buffers(*shapes)


def broken(layer: Layer, error: Exception) -> ShapeError:
    """The error for a rule that failed."""
    from traceback import extract_tb

    frames = extract_tb(error.__traceback__)
    last = frames[-1]
    return ShapeError(
        Code.OWN_LAYER,
        f"`{layer.op}.infer` failed: {type(error).__name__}: {error}",
        label="error in its declaration",
        notes=(f"in {last.filename}, line {last.lineno}, in {last.name}",),
    )
