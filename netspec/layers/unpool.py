"""Partial inverses of max pooling: each value returns to its index, and other elements are 0.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from typing import Any, ClassVar

from netspec.layer import (
    SIZE,
    Code,
    ConcreteShape,
    FieldRule,
    Layer,
    ListOf,
    Module,
    Null,
    OneOf,
    Origin,
    PerAxis,
    Shape,
    ShapeError,
    Size,
    Solver,
    layer,
    optional,
    per_axis,
    require_spatial,
    required,
)
from netspec.layer.argument_kinds import show
from netspec.layer.checks import SPATIAL, amount
from netspec.layers.pool import MaxPool


class MaxUnpool(Module):
    """The inverse of a maximum pool with the same arguments."""

    category = "pooling"
    floating = True
    inputs = ("input", "indices")
    elements: ClassVar = {"indices": "integer"}
    positional = ("kernel_size",)
    call_arguments = ("output_size",)

    kernel_size: int | tuple[int, ...] = required(
        PerAxis(), "the size of the window of the pooling layer, in elements"
    )
    stride: int | tuple[int, ...] | None = optional(
        OneOf(PerAxis(), Null()),
        "the stride of the pooling layer; null for the size of the window",
        None,
    )
    padding: int | tuple[int, ...] = optional(
        PerAxis(0), "the padding of the pooling layer, in elements", 0
    )
    output_size: Any = optional(
        OneOf(ListOf(SIZE, fewest=1), Null()),
        "the spatial sizes of the result, where several sizes are possible",
        None,
    )

    def saves_input(self, index: int) -> bool:
        return self.inputs[index] == "indices"

    def validate(self) -> None:
        size = self.output_size
        if size is not None and len(size) not in (self.axes, self.axes + 2):
            raise ShapeError(
                Code.BAD_ARGUMENT,
                f"output_size of `{self.op}` has {len(size)} entries, not {self.axes}",
                argument="output_size",
                label=f"must be a list of {self.axes}: {', '.join(SPATIAL[self.axes])}",
            )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape, indices = inputs
        require_spatial(self.op, shape, self.axes)
        alike = len(shape) == len(indices)
        if not alike or not all(solver.equal(a, b) for a, b in zip(shape, indices, strict=True)):
            raise ShapeError(
                Code.VALUE,
                f"`{self.op}` requires one index per value, but its input is {show(shape)} "
                f"and its indices are {show(indices)}",
                label=f"{show(shape)} and {show(indices)}",
                helps=self.fitting(shape, indices),
                shown_shapes=(shape, indices),
            )
        first = len(shape) - self.axes
        return (*shape[:first], *(self.window(solver, shape, first, i) for i in range(self.axes)))

    def fitting(self, shape: Shape, indices: Shape) -> tuple[str, ...]:
        """The fix for an input and indices of different sizes."""
        take = "use the `indices` of the pool that returned this size"
        first = len(shape) - self.axes
        pairs = (
            list(zip(shape[first:], indices[first:], strict=True))
            if len(shape) == len(indices)
            else []
        )
        lost = [b - a for a, b in pairs if isinstance(a, int) and isinstance(b, int)]
        if len(lost) < self.axes or not all(0 <= n < self.step(i) for i, n in enumerate(lost)):
            return (take,)
        size = show(list(indices[first:]))
        return (
            f"if an earlier unpool returned {show(shape)}, set its `output_size: {size}`: the "
            "default is the smallest valid size",
            f"or {take}",
        )

    def step(self, i: int) -> int:
        """The pool's step on spatial axis `i`."""
        return per_axis(self.kernel_size if self.stride is None else self.stride, self.axes)[i]

    def hold(
        self, solver: Solver, pooled: Shape, indices: Shape, result: Shape, pool: Layer, path: str
    ) -> None:
        """Reject `indices` into a map of another size, `pooled`: they count its elements row by row.

        The first spatial axis is free above the last row that the pool reads.
        """
        first = len(pooled) - self.axes
        for i in range(self.axes):
            size, before = result[first + i], pooled[first + i]
            if i == 0:
                shorter = size - self.rows(pool, before, indices[first])
                fits = (isinstance(shorter, int) and shorter >= 0) or solver.at_least(
                    size - before, 0
                )
            else:
                fits = solver.equal(size, before)
            if fits:
                continue
            name = SPATIAL[self.axes][i]
            raise ShapeError(
                Code.VALUE,
                f"`{self.op}` returns {amount(name, size)}, but the indices from `{path}` refer "
                f"to {amount(name, before)}",
                argument="output_size",
                label=f"must be {before}",
                axes=((0, first + i),),
                **self.coming_back(pooled[first:], result[first:], pool, path),
            )

    def rows(self, pool: Layer, size: Size, windows: Size) -> Size:
        """How far a pool with so many windows reads on the first spatial axis, of this size."""
        if not isinstance(pool, MaxPool):
            return size
        kernel, padding, dilation = (
            per_axis(value, self.axes)[0]
            for value in (pool.kernel_size, pool.padding, pool.dilation)
        )
        stride = per_axis(pool.kernel_size if pool.stride is None else pool.stride, self.axes)[0]
        end = (windows - 1) * stride - padding + dilation * (kernel - 1) + 1
        return min(end, size) if isinstance(end, int) and isinstance(size, int) else end

    def coming_back(self, pooled: Shape, result: Shape, pool: Layer, path: str) -> dict[str, Any]:
        """The arguments with the sizes of the pool's input: the pool's own, or these sizes."""
        steps = [self.step(i) for i in range(self.axes)]
        away = [b - a for a, b in zip(result, pooled, strict=True)]
        if any(isinstance(n, int) and abs(n) >= step for n, step in zip(away, steps, strict=True)):
            other = self._unlike(pool) if isinstance(pool, MaxPool) else {}
            listed = ", ".join(f"{name}: {show(value)}" for name, value in other.items())
            text = f"write `{listed}`, as in `{path}`: an unpool requires the arguments of its pool"
            return {"helps": (text,), "fits": other} if other else {}
        sizes = [size for size in pooled if isinstance(size, int)]
        fits = {"output_size": sizes} if len(sizes) == len(pooled) else {}
        return {"helps": (f"write `output_size: {show(list(pooled))}`",), "fits": fits}

    def _unlike(self, pool: MaxPool) -> dict[str, int | list[int]]:
        """The arguments of the pool that are other ones here."""
        differing: dict[str, int | list[int]] = {}
        for name in ("kernel_size", "stride", "padding"):
            own, other = (
                getattr(layer, name) or (layer.kernel_size if name == "stride" else 0)
                for layer in (self, pool)
            )
            if per_axis(own, self.axes) != per_axis(other, self.axes):
                differing[name] = list(other) if isinstance(other, tuple) else other
        return differing

    def window(self, solver: Solver, shape: Shape, first: int, i: int) -> Size:
        """The size of spatial dimension `i`: the requested one, or the smallest with this pooled size."""
        kernel, padding = (
            per_axis(self.kernel_size, self.axes)[i],
            per_axis(self.padding, self.axes)[i],
        )
        stride = self.step(i)
        usual = (shape[first + i] - 1) * stride + kernel - 2 * padding
        size = usual if self.output_size is None else self.output_size[-self.axes :][i]
        name = SPATIAL[self.axes][i]
        fits = solver.at_least(size - usual + stride, 1) and solver.at_least(
            usual + stride - size, 1
        )
        if not fits:
            raise ShapeError(
                Code.VALUE,
                f"`{self.op}` cannot return {amount(name, size)}: its pool returns "
                f"{shape[first + i]} for {usual - stride + 1} to {usual + stride - 1}",
                argument="output_size",
                label=f"{size} for the {name}",
                axes=((0, first + i),),
            )
        if not solver.at_least(size, 1):
            raise ShapeError(
                Code.TOO_SMALL,
                f"`{self.op}` has an empty output: padding={padding} reduces the {name} to {size}",
                argument="padding",
                label=f"the {name} is {shape[first + i]}",
                axes=((0, first + i),),
            )
        return size

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        spatial = axis >= len(inputs[0]) - self.axes
        return Origin("window" if spatial else "same", parts=((0, axis),))

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        return "unclear"

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        if self.output_size is not None:
            return ""
        i = axis - (len(inputs[0]) - self.axes)
        kernel, padding = per_axis(self.kernel_size, self.axes), per_axis(self.padding, self.axes)
        stride = kernel if self.stride is None else per_axis(self.stride, self.axes)
        cut = f" − 2·{padding[i]}" * (padding[i] > 0)
        return f"({inputs[0][axis]} − 1)·{stride[i]}{cut} + {kernel[i]}"


@layer
class MaxUnpool1d(MaxUnpool):
    """Computes a partial inverse of `MaxPool1d`: puts each maximum at its index and 0 elsewhere.

    Shape: (N, C, L), indices (N, C, L) -> (N, C, L_out),
        L_out = (L − 1)·stride − 2·padding + kernel_size, or output_size
    Note: The input may be unbatched: (C, L).
    Source: `torch.nn.MaxUnpool1d`
    """

    example = """
        inputs: {sequence: [N, 8, L]}
        body:
          - pool: {op: MaxPool1d, kernel_size: 2, return_indices: true}
          - {op: MaxUnpool1d, kernel_size: 2, from: [pool, pool.indices]}
    """

    axes = 1


@layer
class MaxUnpool2d(MaxUnpool):
    """Computes a partial inverse of `MaxPool2d`: puts each maximum at its index and 0 elsewhere.

    Shape: (N, C, H, W), indices (N, C, H, W) -> (N, C, H_out, W_out),
        H_out = (H − 1)·stride − 2·padding + kernel_size, or output_size; the same for W_out
    Note: The input may be unbatched: (C, H, W).
    Source: `torch.nn.MaxUnpool2d`
    """

    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - pool: {op: MaxPool2d, kernel_size: 2, return_indices: true}
          - op: MaxUnpool2d
            kernel_size: 2
            output_size: [image.height, image.width]
            from: [pool, pool.indices]
    """

    axes = 2


@layer
class MaxUnpool3d(MaxUnpool):
    """Computes a partial inverse of `MaxPool3d`: puts each maximum at its index and 0 elsewhere.

    Shape: (N, C, D, H, W), indices (N, C, D, H, W) -> (N, C, D_out, H_out, W_out),
        D_out = (D − 1)·stride − 2·padding + kernel_size, or output_size; the same for H_out and W_out
    Note: The input may be unbatched: (C, D, H, W).
    Source: `torch.nn.MaxUnpool3d`
    """

    example = """
        inputs: {volume: [N, 8, D, H, W]}
        dims: {H: {multiple_of: 2}, W: {multiple_of: 2}}
        body:
          - pool: {op: MaxPool3d, kernel_size: 2, return_indices: true}
          - {op: MaxUnpool3d, kernel_size: 2, from: [pool, pool.indices]}
    """

    axes = 3
