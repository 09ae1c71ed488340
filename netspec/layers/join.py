"""Layers that make one tensor of several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import reduce
from math import prod

from netspec.dims import as_integer
from netspec.layer import (
    DIM,
    Code,
    ConcreteShape,
    FieldRule,
    Function,
    Origin,
    Shape,
    ShapeError,
    Size,
    Solver,
    layer,
    optional,
    require_rank,
    resolve_dim,
)
from netspec.layer.argument_kinds import show
from netspec.layer.calls import primary
from netspec.layer.checks import axis_name
from netspec.layers.broadcast import broadcast, stretched


class _Join(Function):
    """Several inputs in, one result out."""

    category = "join"
    variadic = True

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        if dtypes.count(dtypes[0]) == len(dtypes):
            return dtypes[0]
        from netspec.layers.promotion import promote

        return promote(dtypes)


@layer
class Concat(_Join):
    """Concatenates the inputs along a dimension.

    Shape: (N, C₁, *), (N, C₂, *), … -> (N, C₁ + C₂ + …, *); the other dimensions must be equal
    Source: `torch.cat`
    """

    torch_name = "torch.cat"

    dim: int = optional(DIM, "the dimension to concatenate along", 1)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        first = inputs[0]
        same_rank("Concat", inputs)
        require_rank("Concat", first, range(1, 100), "at least 1 dimension")
        joined = resolve_dim("Concat", self.dim, len(first))
        sizes = [
            sum((shape[axis] for shape in inputs[1:]), first[axis]) if axis == joined
            else agree("Concat", solver, inputs, axis)
            for axis in range(len(first))
        ]  # fmt: skip
        return tuple(sizes)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        every = tuple((i, axis) for i in range(len(inputs)))
        if axis == self.dim % len(inputs[0]):
            return Origin("sum", parts=every)
        return Origin("same", parts=every)

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        joined = axis == self.dim % len(inputs[0])
        return "unclear" if joined else super().receptive_field(result, index, axis, *inputs)

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"torch.cat([{', '.join(inputs)}], {arguments['dim']})"


@layer
class Stack(_Join):
    """Stacks inputs of the same shape along a new dimension.

    Shape: n times (*₁, *₂) -> (*₁, n, *₂), the new dimension at dim
    Source: `torch.stack`
    """

    torch_name = "torch.stack"

    dim: int = optional(DIM, "the position of the new dimension", 0)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        same_rank("Stack", inputs)
        rank = len(inputs[0])
        new_axis = resolve_dim("Stack", self.dim, rank + 1, new=1)
        shape = tuple(agree("Stack", solver, inputs, axis) for axis in range(rank))
        return (*shape[:new_axis], len(inputs), *shape[new_axis:])

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        new_axis = self.dim % (len(inputs[0]) + 1)
        if axis == new_axis:
            return Origin("argument")
        return Origin(
            "same", parts=tuple((i, axis - (axis > new_axis)) for i in range(len(inputs)))
        )

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"torch.stack([{', '.join(inputs)}], {arguments['dim']})"


def same_rank(op: str, shapes: Sequence[Shape]) -> None:
    """Reject inputs with different numbers of axes."""
    for i, shape in enumerate(shapes):
        if len(shape) != len(shapes[0]):
            raise ShapeError(
                Code.RANK,
                f"`{op}` requires inputs of the same rank, but they have {len(shapes[0])} and "
                f"{len(shape)} dimensions",
                label=f"{show(shapes[0])} and {show(shape)}",
                axes=((0, 0), (i, 0)) if shapes[0] and shape else (),
            )


def agree(op: str, solver: Solver, shapes: Sequence[Shape], axis: int) -> Size:
    """The size that all inputs have on an axis; a number rather than a symbol."""
    met = shapes[0][axis]
    for shape in shapes[1:]:
        if not solver.equal(met, shape[axis]):
            raise _disagreement(op, shapes, axis)
        met = shape[axis] if as_integer(met) is None else met
    return met


def _disagreement(op: str, shapes: Sequence[Shape], axis: int) -> ShapeError:
    sizes = [shape[axis] for shape in shapes]
    counts = Counter(sizes)
    usual, often = counts.most_common(1)[0]
    odd = next(i for i, size in enumerate(sizes) if size != usual)
    like = sizes.index(usual)
    verb = "concatenate" if op == "Concat" else "stack"
    from netspec.layers.disagreement import DisagreementError, Mismatch

    return DisagreementError(
        Code.CONCAT,
        f"`{op}` cannot {verb}",
        axis_name(len(shapes[0]), axis),
        Mismatch(
            (usual, sizes[odd]),
            ((odd, axis), (like, axis)),
            f"{show(shapes[odd])} and {show(shapes[like])}",
        ),
        agreeing=often if often + 1 == len(shapes) else 0,
    )


class _Pointwise(_Join):
    """An operation on elements at the same place."""

    fewest = 2
    folds = True
    orderless = True

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        return broadcast(self.op, solver, inputs)

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        if dtypes.count(dtypes[0]) == len(dtypes) or all(shapes):
            return self.dtype(*dtypes)
        from netspec.layers.promotion import result_type, tensor_operands

        return self.dtype(result_type(tensor_operands(dtypes, shapes)))

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return stretched(axis, max(map(len, inputs)), inputs)


@layer
class Add(_Pointwise):
    """Adds the inputs element-wise.

    Shape: (*), (*), … -> (*), the shapes broadcast
    Source: `torch.add`
    """

    torch_name = "torch.add"

    def write(self, *inputs: str, **arguments: str) -> str:
        return " + ".join(map(primary, inputs))


@layer
class Mul(_Pointwise):
    """Multiplies the inputs element-wise.

    Shape: (*), (*), … -> (*), the shapes broadcast
    Source: `torch.mul`
    """

    torch_name = "torch.mul"

    saved_inputs = True

    def write(self, *inputs: str, **arguments: str) -> str:
        return " * ".join(map(primary, inputs))


@layer
class Maximum(_Pointwise):
    """Computes the element-wise maximum of the inputs.

    Shape: (*), (*), … -> (*), the shapes broadcast
    Source: `torch.maximum`
    """

    torch_name = "torch.maximum"

    saved_inputs = True

    def write(self, *inputs: str, **arguments: str) -> str:
        return reduce(lambda a, b: f"torch.maximum({a}, {b})", inputs)


@layer
class Minimum(_Pointwise):
    """Computes the element-wise minimum of the inputs.

    Shape: (*), (*), … -> (*), the shapes broadcast
    Source: `torch.minimum`
    """

    torch_name = "torch.minimum"

    saved_inputs = True

    def write(self, *inputs: str, **arguments: str) -> str:
        return reduce(lambda a, b: f"torch.minimum({a}, {b})", inputs)


class _Pair(_Pointwise):
    """An operation on two inputs, whose order counts."""

    variadic = False
    orderless = False
    fewest = 1
    inputs = ("input", "other")


@layer
class Sub(_Pair):
    """Subtracts the second input from the first, element-wise.

    Shape: (*), (*) -> (*), the shapes broadcast
    Source: `torch.sub`
    """

    torch_name = "torch.sub"

    arithmetic = True

    def write(self, *inputs: str, **arguments: str) -> str:
        return " - ".join(map(primary, inputs))


@layer
class Div(_Pair):
    """Divides the first input by the second, element-wise.

    Shape: (*), (*) -> (*), the shapes broadcast
    Source: `torch.div`
    """

    torch_name = "torch.div"

    saved_inputs = True

    def write(self, *inputs: str, **arguments: str) -> str:
        return " / ".join(map(primary, inputs))

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        promoted = super().dtype(*dtypes)
        return promoted if "float" in promoted else "float32"


@layer
class MatMul(_Pair):
    """Computes the matrix product of two inputs, which may be batched.

    Shape: (*, n, k), (*, k, m) -> (*, n, m), the leading dimensions broadcast
    Note: An input of one dimension is a vector.
    Source: `torch.matmul`
    """

    torch_name = "torch.matmul"

    saved_inputs = True
    arithmetic = True
    example = """
        inputs: {a: [N, T, 16], b: [N, 16, S]}
        body:
          - {op: MatMul, from: [a, b]}
    """

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        a, b = inputs
        for shape in inputs:
            require_rank("MatMul", shape, range(1, 100), "inputs with at least 1 dimension")
        row = -2 if len(b) > 1 else -1
        if not solver.equal(a[-1], b[row]):
            raise unequal_matrices(a, b)
        batch = (
            broadcast("MatMul", solver, [s for s in inputs if len(s) > 2], drop=2)
            if max(len(a), len(b)) > 2
            else ()
        )
        return (*batch, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        return prod(outputs[0]) * inputs[0][-1]

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        a, b = inputs
        tail = [(0, len(a) - 2)] * (len(a) > 1) + [(1, len(b) - 1)] * (len(b) > 1)
        batch = max(len(a), len(b), 2) - 2
        if axis >= batch:
            return Origin("same", parts=(tail[axis - batch],))
        heads = [shape[:-2] for shape in inputs]
        return stretched(axis, batch, heads)

    def write(self, *inputs: str, **arguments: str) -> str:
        return " @ ".join(map(primary, inputs))


def unequal_matrices(a: Shape, b: Shape) -> ShapeError:
    """The error of a product whose numbers of columns and rows differ."""
    row = -2 if len(b) > 1 else -1
    return ShapeError(
        Code.FEATURES,
        f"`MatMul` cannot multiply {show(a)} by {show(b)}: {a[-1]} column{'s' * (a[-1] != 1)}, "
        f"{b[row]} row{'s' * (b[row] != 1)}",
        label=f"{a[-1]} and {b[row]}",
        axes=((0, len(a) - 1), (1, len(b) + row)),
        shown_shapes=(a, b),
        helps=(
            "make the last dimension of the first input equal to the second-to-last "
            "dimension of the second",
        ),
    )
