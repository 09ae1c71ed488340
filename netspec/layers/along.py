"""Layers that combine the elements along one dimension and keep its size: running sums, orders, norms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from netspec.layer import (
    BOOLEAN,
    DIM,
    ConcreteShape,
    FieldRule,
    Function,
    ListOf,
    Number,
    OneOf,
    Shape,
    Solver,
    layer,
    optional,
    required,
    resolve_dim,
    resolve_dims,
)
from netspec.layer.calls import keywords

if TYPE_CHECKING:
    from netspec.layer.categories import Category


class Along(Function):
    """A function along one dimension that keeps the shape."""

    since = 1.1
    category: ClassVar[Category] = "reduction"

    dim: Any = required(DIM, "the dimension")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape | list[Shape]:
        resolve_dim(self.op, self.dim, max(len(inputs[0]), 1))
        count = len(self.results)
        return inputs[0] if count == 1 else [inputs[0]] * count

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        if axis == self.dim % len(inputs[0]):
            return "everything"
        return super().receptive_field(result, index, axis, *inputs)

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{self.torch_name}({inputs[0]}, {arguments['dim']})"


class _Accumulation(Along):
    """A running sum or product."""

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return dtypes[0] if "float" in dtypes[0] or "complex" in dtypes[0] else "int64"


@layer
class CumSum(_Accumulation):
    """Computes the cumulative sum along a dimension.

    Shape: (*) -> (*), y[i] = x[0] + … + x[i]
    Source: `torch.cumsum`
    """

    torch_name = "torch.cumsum"


@layer
class CumProd(_Accumulation):
    """Computes the cumulative product along a dimension.

    Shape: (*) -> (*), y[i] = x[0] · … · x[i]
    Source: `torch.cumprod`
    """

    torch_name = "torch.cumprod"

    saved_inputs = True
    saved_result = True


@layer
class LogCumSumExp(Along):
    """Computes the logarithm of the cumulative sum of the exponentials along a dimension.

    Shape: (*) -> (*), y[i] = ln(eˣ[0] + … + eˣ[i])
    Source: `torch.logcumsumexp`
    """

    torch_name = "torch.logcumsumexp"

    floating = True
    saved_inputs = True
    saved_result = True


class _Extremes(Along):
    """A running extreme, with its index."""

    @property
    def results(self) -> tuple[str, ...]:
        return ("values", "indices")

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return "int64" if result else dtypes[0]

    def saves_result(self, result: int) -> bool:
        return result == 1


class _Running(_Extremes):
    """An extreme of the elements so far."""

    saved_inputs = True


@layer
class CumMax(_Running):
    """Computes the cumulative maximum along a dimension, and its indices.

    Shape: (*) -> values (*), indices (*)
    Source: `torch.cummax`
    """

    torch_name = "torch.cummax"


@layer
class CumMin(_Running):
    """Computes the cumulative minimum along a dimension, and its indices.

    Shape: (*) -> values (*), indices (*)
    Source: `torch.cummin`
    """

    torch_name = "torch.cummin"


@layer
class Sort(_Extremes):
    """Sorts the elements along a dimension.

    Shape: (*) -> values (*), indices (*)
    Source: `torch.sort`
    """

    torch_name = "torch.sort"

    dim: int = optional(DIM, "the dimension", -1)
    descending: bool = optional(BOOLEAN, "whether the largest element comes first", False)
    stable: bool = optional(BOOLEAN, "whether equal elements keep their order", False)

    def write(self, *inputs: str, **arguments: str) -> str:
        other = keywords(self, arguments, "dim", "descending", "stable")
        return f"{self.torch_name}({inputs[0]}{other})"


@layer
class ArgSort(Along):
    """Computes the indices that sort the elements along a dimension.

    Shape: (*) -> (*)
    Source: `torch.argsort`
    """

    torch_name = "torch.argsort"

    dim: int = optional(DIM, "the dimension", -1)
    descending: bool = optional(BOOLEAN, "whether the largest element comes first", False)
    stable: bool = optional(BOOLEAN, "whether equal elements keep their order", False)

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return "int64"

    def write(self, *inputs: str, **arguments: str) -> str:
        other = keywords(self, arguments, "dim", "descending", "stable")
        return f"{self.torch_name}({inputs[0]}{other})"


@layer
class Normalize(Along):
    """Divides the elements along a dimension by their norm.

    Shape: (*) -> (*), y = x / max(‖x‖ₚ, eps)
    Source: `torch.nn.functional.normalize`
    """

    torch_name = "torch.nn.functional.normalize"

    category = "normalization"
    floating = True
    saved_inputs = True
    order = ("p", "dim", "eps")
    p: float = optional(
        Number(infinite=True),
        "the order of the norm; 2 for the Euclidean norm, .inf for the maximum norm",
        2.0,
    )
    dim: Any = optional(OneOf(DIM, ListOf(DIM, fewest=1)), "the dimension or dimensions", 1)
    eps: float = optional(Number(), "the smallest norm", 1e-12)

    def axes_of(self, shape: Shape) -> set[int]:
        """The dimensions of the norm, from the front."""
        return {*resolve_dims("Normalize", self.dim, max(len(shape), 1))}

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        self.axes_of(inputs[0])
        return inputs[0]

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        if axis in self.axes_of(inputs[0]):
            return "everything"
        return Function.receptive_field(self, result, index, axis, *inputs)

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"F.normalize({inputs[0]}{keywords(self, arguments, 'p', 'dim', 'eps')})"
