"""Fully connected layers, and the layers that make or undo the one axis that they work on."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from netspec.dims import divide_exactly, product
from netspec.layer import (
    BOOLEAN,
    DIM,
    POSITIVE,
    Code,
    ConcreteShape,
    FieldRule,
    Integer,
    ListOf,
    Module,
    OneOf,
    Origin,
    Shape,
    ShapeError,
    Size,
    Solver,
    constant_size,
    inferred,
    layer,
    optional,
    require_rank,
    required,
    resolve_dim,
)
from netspec.layer.argument_kinds import show


@layer
class Identity(Module):
    """Returns its input.

    Shape: (*) -> (*)
    Source: `torch.nn.Identity`
    """

    category = "shape"
    view = True


@layer
class Linear(Module):
    """Applies an affine transformation to the last dimension.

    Shape: (*, F) -> (*, out_features), y = x · weightᵀ + bias
    Source: `torch.nn.Linear`
    """

    category = "linear"
    saved_inputs = True
    positional = ("in_features", "out_features")

    in_features: int | None = inferred("the number of features of the input, its last dimension")
    out_features: int = required(POSITIVE, "the number of features of the result")
    bias: bool = optional(BOOLEAN, "whether to add a learned bias", True)

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        return {"in_features": inputs[0][-1]} if inputs[0] else {}

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        require_rank("Linear", inputs[0], range(1, 100), "at least 1 dimension")
        constant_size("Linear", "features", inputs[0], -1, self.in_features)
        return (*inputs[0][:-1], self.out_features)

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        features = constant_size("Linear", "features", inputs[0], -1, self.in_features)
        weight = {"weight": (self.out_features, features)}
        return weight | ({"bias": (self.out_features,)} if self.bias else {})

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        return prod(outputs[0]) * inputs[0][-1]

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis == len(inputs[0]) - 1:
            return Origin("argument", "out_features")
        return Origin("same", parts=((0, axis),))


@layer
class Bilinear(Module):
    """Applies a bilinear transformation to two inputs.

    Shape: (*, F₁), (*, F₂) -> (*, out_features), y = x₁ᵀ · weight · x₂ + bias
    Source: `torch.nn.Bilinear`
    """

    category = "linear"
    saved_inputs = True
    inputs = ("input1", "input2")
    positional = ("in1_features", "in2_features", "out_features")

    in1_features: int | None = inferred("the number of features of the first input")
    in2_features: int | None = inferred("the number of features of the second input")
    out_features: int = required(POSITIVE, "the number of features of the result")
    bias: bool = optional(BOOLEAN, "whether to add a learned bias", True)

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
            constant_size("Bilinear", "features", first, -1, self.in1_features),
            constant_size("Bilinear", "features", second, -1, self.in2_features),
        )

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        weight = {"weight": (self.out_features, *self.features(*inputs))}
        return weight | ({"bias": (self.out_features,)} if self.bias else {})

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        return prod(outputs[0]) * inputs[0][-1] * (inputs[1][-1] + 1)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis == len(inputs[0]) - 1:
            return Origin("argument", "out_features")
        return Origin("same", parts=((0, axis),))


@layer
class Flatten(Module):
    """Flattens a range of dimensions into one.

    Shape: (*₁, a, b, …, *₂) -> (*₁, a·b·…, *₂), the dimensions from start_dim to end_dim
    Source: `torch.nn.Flatten`
    """

    category = "shape"
    view = True

    start_dim: int = optional(DIM, "the first dimension to flatten", 1)
    end_dim: int = optional(DIM, "the last dimension to flatten", -1)

    def bounds(self, rank: int) -> tuple[int, int]:
        """The first and last axis, counted from the front."""
        start = resolve_dim("Flatten", self.start_dim, max(rank, 1), "start_dim")
        end = resolve_dim("Flatten", self.end_dim, max(rank, 1), "end_dim")
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

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
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
    """Splits a dimension into several dimensions.

    Shape: (*₁, F, *₂) -> (*₁, unflattened_size, *₂), whose product is F; one entry may be -1
    Source: `torch.nn.Unflatten`
    """

    category = "shape"
    view = True
    example = """
        inputs: {features: [N, 64]}
        body:
          - {op: Unflatten, dim: 1, unflattened_size: [4, 16]}
    """

    positional = ("dim", "unflattened_size")

    dim: int = required(DIM, "the dimension to split")
    unflattened_size: tuple[int, ...] = required(
        ListOf(OneOf(POSITIVE, Integer(-1, -1)), fewest=1),
        "the sizes of the new dimensions; one of them may be -1, which is inferred",
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
        axis = resolve_dim("Unflatten", self.dim, len(shape))
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
                **self._fitting(size, known, axis),
            )
        exact = divide_exactly(size, known)
        left = size // known if exact is None else exact
        return tuple(left if s == -1 else s for s in self.unflattened_size)

    def _fitting(self, size: Size, known: int, axis: int) -> dict[str, Any]:
        """The help with equal sides whose product is correct, or otherwise with the product."""
        if -1 in self.unflattened_size:
            return {"helps": (f"write sizes whose product divides {size}",)}
        first, *sides = self.unflattened_size
        general = f"use an input with size {known} in dimension {axis}"
        product_help = f"write sizes whose product is {size}"
        if not isinstance(size, int) or len(set(sides)) != 1 or first < 1 or size % first:
            return {"helps": (product_help, f"or {general}")}
        side = round((size // first) ** (1 / len(sides)))
        if side < 1 or first * side ** len(sides) != size:
            return {"helps": (product_help, f"or {general}")}
        parts = [first, *[side] * len(sides)]
        text = f"write `unflattened_size: {show(parts)}`: {size} = {'·'.join(map(str, parts))}"
        return {"helps": (text, f"or {general}"), "fits": {"unflattened_size": parts}}

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
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

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        split = axis == self.dim % len(inputs[0])
        return "unclear" if split else super().receptive_field(result, index, axis, *inputs)

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        others = "·".join(str(s) for s in self.unflattened_size if s != -1)
        size = inputs[0][self.dim % len(inputs[0])]
        return f"{size} / ({others})" if "·" in others else f"{size} / {others or 1}"
