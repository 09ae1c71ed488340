"""Fully connected layers, and the layers that make or undo the one axis that they work on."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from netspec.diagnostics import Code
from netspec.dims import Shape, Size, divide_exactly, product
from netspec.layers.answers import FieldRule
from netspec.layers.arguments import (
    DIM,
    FLAG,
    POSITIVE,
    Either,
    Many,
    Whole,
    inferred,
    optional,
    required,
)
from netspec.layers.base import Axes, Module, Origin, ShapeError, Solver, layer, show
from netspec.layers.checks import axis_of, fixed, require_rank


@layer
class Identity(Module):
    """Gives back what it gets.

    Shape: (*) -> (*)
    Source: `torch.nn.Identity`
    """

    view = True


@layer
class Linear(Module):
    """Multiplies the last axis by a learned matrix and adds a learned vector.

    Shape: (*, F) -> (*, out_features), y = x · weightᵀ + bias
    Source: `torch.nn.Linear`
    """

    saved_inputs = True
    positional = ("in_features", "out_features")

    in_features: int | None = inferred("size of the input's last axis")
    out_features: int = required(POSITIVE, "size of the result's last axis")
    bias: bool = optional(FLAG, "whether a learned vector is added", True)

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        return {"in_features": inputs[0][-1]} if inputs[0] else {}

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        require_rank("Linear", inputs[0], range(1, 100), "at least 1 dimension")
        fixed("Linear", "features", inputs[0], -1, self.in_features)
        return (*inputs[0][:-1], self.out_features)

    def parameters(self, *inputs: Shape) -> dict[str, Axes]:
        features = fixed("Linear", "features", inputs[0], -1, self.in_features)
        weight = {"weight": (self.out_features, features)}
        return weight | ({"bias": (self.out_features,)} if self.bias else {})

    def macs(self, inputs: Sequence[Axes], outputs: Sequence[Axes]) -> int:
        return prod(outputs[0]) * inputs[0][-1]

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis == len(inputs[0]) - 1:
            return Origin("argument", "out_features")
        return Origin("same", parts=((0, axis),))


@layer
class Bilinear(Module):
    """Multiplies two inputs by a learned tensor, one matrix for each feature of the result.

    Shape: (*, F₁), (*, F₂) -> (*, out_features), y = x₁ᵀ · weight · x₂ + bias
    Source: `torch.nn.Bilinear`
    """

    saved_inputs = True
    inputs = ("input1", "input2")
    positional = ("in1_features", "in2_features", "out_features")

    in1_features: int | None = inferred("size of the first input's last axis")
    in2_features: int | None = inferred("size of the second input's last axis")
    out_features: int = required(POSITIVE, "size of the result's last axis")
    bias: bool = optional(FLAG, "whether a learned vector is added", True)

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        names = ("in1_features", "in2_features")
        return {name: s[-1] for name, s in zip(names, inputs, strict=True) if s}

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        first, second = inputs
        require_rank("Bilinear", first, range(1, 100), "at least 1 dimension")
        require_rank(
            "Bilinear", second, (len(first),), f"two inputs with {len(first)} dimensions each"
        )
        for axis, (a, b) in enumerate(zip(first[:-1], second[:-1], strict=True)):
            if not solver.equal(a, b):
                raise ShapeError(
                    Code.VALUE,
                    f"the inputs of `Bilinear` differ in dimension {axis}: {a} and {b}",
                    label=f"{show(first)} and {show(second)}",
                    axes=((0, axis), (1, axis)),
                )
        self.features(*inputs)
        return (*first[:-1], self.out_features)

    def features(self, first: Shape, second: Shape) -> tuple[int, int]:
        """The last axes of the two inputs."""
        return (
            fixed("Bilinear", "features", first, -1, self.in1_features),
            fixed("Bilinear", "features", second, -1, self.in2_features),
        )

    def parameters(self, *inputs: Shape) -> dict[str, Axes]:
        weight = {"weight": (self.out_features, *self.features(*inputs))}
        return weight | ({"bias": (self.out_features,)} if self.bias else {})

    def macs(self, inputs: Sequence[Axes], outputs: Sequence[Axes]) -> int:
        return prod(outputs[0]) * inputs[0][-1] * (inputs[1][-1] + 1)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis == len(inputs[0]) - 1:
            return Origin("argument", "out_features")
        return Origin("same", parts=((0, axis),))


@layer
class Flatten(Module):
    """Makes one axis of several neighbouring ones.

    Shape: (*₁, a, b, …, *₂) -> (*₁, a·b·…, *₂), the axes from start_dim to end_dim
    Source: `torch.nn.Flatten`
    """

    view = True

    start_dim: int = optional(DIM, "first axis that goes into the one", 1)
    end_dim: int = optional(DIM, "last axis that goes into the one", -1)

    def bounds(self, rank: int) -> tuple[int, int]:
        """The first and last axis, counted from the front."""
        start = axis_of("Flatten", self.start_dim, max(rank, 1), "start_dim")
        end = axis_of("Flatten", self.end_dim, max(rank, 1), "end_dim")
        if start > end:
            raise ShapeError(
                Code.VALUE,
                f"`Flatten` has start_dim {start} after end_dim {end}",
                argument="end_dim",
                label=f"before start_dim={self.start_dim}",
            )
        return start, end

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        start, end = self.bounds(len(shape))
        return (*shape[:start], product(shape[start : end + 1]), *shape[end + 1 :])

    def strides(self, before: Axes, strides: Axes, after: Axes) -> Axes | None:
        from netspec.layers.strides import reshaped

        return reshaped(before, strides, after)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if not inputs[0]:
            return Origin("argument", "start_dim")
        start, end = self.bounds(len(inputs[0]))
        if axis == start and start != end:
            return Origin("product", parts=tuple((0, a) for a in range(start, end + 1)))
        return Origin("same", parts=((0, axis if axis <= start else axis + end - start),))


@layer
class Unflatten(Module):
    """Makes several axes of one.

    Shape: (*₁, F, *₂) -> (*₁, unflattened_size, *₂), whose product is F; one entry may be -1
    Source: `torch.nn.Unflatten`
    """

    view = True
    example = """
        inputs: {features: [N, 64]}
        body:
          - {op: Unflatten, dim: 1, unflattened_size: [4, 16]}
    """

    positional = ("dim", "unflattened_size")

    dim: int = required(DIM, "axis that is taken apart")
    unflattened_size: tuple[int, ...] = required(
        Many(Either(POSITIVE, Whole(-1, -1)), fewest=1),
        "sizes of the axes in its place; -1, at most once, is what is left",
    )

    def validate(self) -> None:
        if self.unflattened_size.count(-1) > 1:
            raise ShapeError(
                Code.BAD_ARGUMENT,
                "only one entry of `unflattened_size` may be -1",
                argument="unflattened_size",
                label="more than one -1",
            )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        require_rank("Unflatten", shape, range(1, 100), "at least 1 dimension")
        axis = axis_of("Unflatten", self.dim, len(shape))
        return (*shape[:axis], *self.parts(solver, shape[axis], axis), *shape[axis + 1 :])

    def parts(self, solver: Solver, size: Size, axis: int) -> Shape:
        """The sizes that the axis falls into."""
        known = prod(s for s in self.unflattened_size if s != -1)
        rest = -1 in self.unflattened_size
        if not (solver.divisible(size, known) if rest else solver.equal(size, known)):
            reason = f"{known} does not divide {size}" if rest else f"{known} elements, not {size}"
            raise ShapeError(
                Code.ELEMENT_COUNT,
                f"`Unflatten` cannot reshape {size} to {show(self.unflattened_size)}: {reason}",
                argument="unflattened_size",
                label=f"dimension {axis} is {size}",
                axes=((0, axis),),
                **self._fitting(size, known),
            )
        exact = divide_exactly(size, known)
        left = size // known if exact is None else exact
        return tuple(left if s == -1 else s for s in self.unflattened_size)

    def _fitting(self, size: Size, known: int) -> dict[str, Any]:
        """The help that names equal sides with which the product is right, or else the product."""
        if -1 in self.unflattened_size:
            return {}
        first, *sides = self.unflattened_size
        general = f"use a size of {known} in that dimension"
        if not isinstance(size, int) or len(set(sides)) != 1 or first < 1 or size % first:
            return {"helps": (general,)}
        side = round((size // first) ** (1 / len(sides)))
        if side < 1 or first * side ** len(sides) != size:
            return {"helps": (general,)}
        parts = [first, *[side] * len(sides)]
        text = f"write `unflattened_size: {show(parts)}`: {size} = {'·'.join(map(str, parts))}"
        return {"helps": (text, f"or {general}"), "fits": {"unflattened_size": parts}}

    def strides(self, before: Axes, strides: Axes, after: Axes) -> Axes | None:
        from netspec.layers.strides import reshaped

        return reshaped(before, strides, after)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        split, count = self.dim % len(inputs[0]), len(self.unflattened_size)
        if axis < split:
            return Origin("same", parts=((0, axis),))
        if axis >= split + count:
            return Origin("same", parts=((0, axis - count + 1),))
        if self.unflattened_size[axis - split] == -1:
            return Origin("window", parts=((0, split),))
        return Origin("argument", "unflattened_size")

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        split = axis == self.dim % len(inputs[0])
        return "unclear" if split else super().sees(result, index, axis, *inputs)

    def worked(self, result: int, axis: int, *inputs: Axes) -> str:
        others = "·".join(str(s) for s in self.unflattened_size if s != -1)
        size = inputs[0][self.dim % len(inputs[0])]
        return f"{size} / ({others})" if "·" in others else f"{size} / {others or 1}"
