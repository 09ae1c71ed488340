"""What attention in several heads asks of its features."""

from __future__ import annotations

from netspec.diagnostics import Code
from netspec.dims import Shape
from netspec.layers.base import ShapeError
from netspec.layers.checks import divisors


def require_heads(
    op: str, shape: Shape, features: int, heads: int, argument: str = "num_heads"
) -> None:
    """Refuse features that do not divide into so many heads; they are the last axis of `shape`."""
    if features % heads:
        raise ShapeError(
            Code.DIVISIBLE,
            f"the {features} features of `{op}` are not divisible by {argument}={heads}",
            argument=argument,
            label=f"{features} / {heads} leaves a remainder of {features % heads}",
            axes=((0, len(shape) - 1),),
            helps=(f"{argument} that divides {features}: {divisors(features, features)}",),
        )
