"""The common part of layers with multi-head attention: sequences, masks, heads.

N batch, L queries, S keys, E features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from netspec.dims import product
from netspec.layer import (
    Code,
    ConcreteShape,
    FieldRule,
    Module,
    Shape,
    ShapeError,
    Size,
    Solver,
    require_rank,
)
from netspec.layer.argument_kinds import show
from netspec.layer.checks import divisors


class Heads(Module):
    """A layer with attention in several heads inside."""

    category = "attention"
    saved_inputs = True

    batch_first: bool
    heads: ClassVar[str] = "nhead"
    """The argument with the number of heads."""

    @property
    def batch_axis(self) -> int:
        """The dimension of the batch, if there is one."""
        return 0 if self.batch_first else 1

    def is_batch(self, shape: Shape, axis: int) -> bool:
        """Whether an axis is that of the batch."""
        return len(shape) == 3 and axis == self.batch_axis

    def batch(self, shape: Shape) -> Shape:
        """The batch of a sequence, or nothing for a single item."""
        return (shape[self.batch_axis],) if len(shape) == 3 else ()

    def length(self, shape: Shape) -> Size:
        """The positions of a sequence."""
        return shape[self.along(shape)]

    def along(self, shape: Shape) -> int:
        """The axis of the positions."""
        return 1 - self.batch_axis if len(shape) == 3 else 0

    def counts(self, shape: Sequence[int]) -> tuple[int, int]:
        """How many items and positions a sequence has."""
        if len(shape) == 2:
            return 1, shape[0]
        return shape[self.batch_axis], shape[1 - self.batch_axis]

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        batch = self.is_batch(inputs[index], axis)
        return super().receptive_field(result, index, axis, *inputs) if batch else "everything"

    # ---- what must hold -----------------------------------------------------------------------

    def require_sequences(self, *shapes: Shape) -> None:
        """Reject inputs of a rank that attention does not accept."""
        takes = "[N, L, E] or [L, E]" if self.batch_first else "[L, N, E] or [L, E]"
        require_rank(self.op, shapes[0], (2, 3), takes)
        for shape in shapes[1:]:
            require_rank(self.op, shape, (len(shapes[0]),), "inputs of one rank")

    def require_heads(self, shape: Shape, features: int) -> None:
        """Reject features that do not divide into the heads."""
        heads = getattr(self, self.heads)
        if features % heads:
            raise ShapeError(
                Code.DIVISIBLE,
                f"the {features} features of `{self.op}` are not divisible by {self.heads}={heads}",
                argument=self.heads,
                label=f"{features} / {heads} leaves a remainder of {features % heads}",
                axes=((0, len(shape) - 1),),
                helps=(
                    f"set `{self.heads}` to a divisor of {features}: "
                    f"{divisors(features, features, heads)}",
                ),
            )

    def require_equal(
        self, solver: Solver, inputs: Sequence[Shape], one: str, other: str, axis: int
    ) -> None:
        """Reject two inputs, by name, that differ on an axis where they must not."""
        shapes = self.by_name(inputs)
        a, b = shapes[one], shapes[other]
        if solver.equal(a[axis], b[axis]):
            return
        what = "items in the batch" if self.is_batch(a, axis) else "positions"
        what = "features" if axis == len(a) - 1 else what
        names = list(shapes)
        raise ShapeError(
            Code.FEATURES,
            f"the {one} has {a[axis]} {what}, but the {other} has {b[axis]}",
            label=f"{show(a)} and {show(b)}",
            axes=tuple((names.index(n), axis) for n in (one, other)),
            helps=(f"project the {other} to {a[axis]} features with a `Linear` before it",)
            if what == "features"
            else (),
        )

    # ---- masks --------------------------------------------------------------------------------

    def check_attention_mask(
        self, solver: Solver, inputs: Sequence[Shape], name: str, query: Shape, key: Shape
    ) -> None:
        """Reject a mask that is not (L, S), or one for each head of each item."""
        mask = self.by_name(inputs).get(name)
        if mask is not None:
            heads: int = getattr(self, self.heads)
            scores = (self.length(query), self.length(key))
            each = (product(self.batch(query)) * heads, *scores)
            self.check_mask(solver, inputs, name, scores if len(mask) < 3 else each)

    def check_padding_mask(
        self, solver: Solver, inputs: Sequence[Shape], name: str, key: Shape
    ) -> None:
        """Reject a mask that is not one value for each key."""
        if name in self.by_name(inputs):
            self.check_mask(solver, inputs, name, (*self.batch(key), self.length(key)))

    def check_mask(
        self, solver: Solver, inputs: Sequence[Shape], name: str, expected: Shape
    ) -> None:
        """Reject a mask of another shape than wanted."""
        shapes = self.by_name(inputs)
        mask = shapes[name]
        alike = len(mask) == len(expected)
        pairs = zip(mask, expected, strict=True) if alike else ()
        wrong = [axis for axis, (a, b) in enumerate(pairs) if not solver.equal(a, b)]
        if wrong or not alike:
            raise ShapeError(
                Code.BROADCAST,
                f"the {name} of `{self.op}` must be {show(expected)}, but it is {show(mask)}",
                label=f"{show(mask)}, not {show(expected)}",
                axes=tuple((list(shapes).index(name), axis) for axis in wrong[:1]),
            )

    def check_causal(self, inputs: Sequence[Shape], hint: str, mask: str) -> None:
        """Reject the promise of a causal mask that is not there."""
        if getattr(self, hint) and mask not in self.by_name(inputs):
            raise ShapeError(
                Code.BAD_ARGUMENT,
                f"{hint} of `{self.op}` requires {mask}, but it is missing",
                argument=hint,
                label=f"{mask} is missing",
                helps=(
                    f"pass the mask: `from: {{{self.inputs[0]}: …, {mask}: …}}`; "
                    "`ScaledDotProductAttention` has is_causal without a mask",
                ),
            )


def attention_macs(items: int, queries: int, keys: int, features: int) -> int:
    """MACs of attention whose query, key and value have this number of features."""
    projected = 2 * (queries + keys) * features * features
    return items * (projected + 2 * queries * keys * features)


def attention_weights(features: int, *, bias: bool) -> dict[str, tuple[int, ...]]:
    """The weights of attention whose query, key and value all have so many features."""
    weights: dict[str, tuple[int, ...]] = {"in_proj_weight": (3 * features, features)}
    if bias:
        weights["in_proj_bias"] = (3 * features,)
    weights["out_proj.weight"] = (features, features)
    return weights | ({"out_proj.bias": (features,)} if bias else {})
