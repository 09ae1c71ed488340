"""Layers that make one number of all along one or more axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from netspec.layer import (
    BOOLEAN,
    DIM,
    Function,
    ListOf,
    Null,
    Number,
    OneOf,
    Origin,
    Shape,
    Solver,
    layer,
    optional,
    resolve_dims,
)
from netspec.layer.calls import keywords


class Reduce(Function):
    """The rule of all reductions: dimensions are removed, or kept with size 1."""

    category = "reduction"
    function: ClassVar[str]
    """The function of torch."""

    dim: int | tuple[int, ...] | None = optional(
        OneOf(DIM, ListOf(DIM), Null()), "the dimension or dimensions; null for all", None
    )
    keepdim: bool = optional(BOOLEAN, "whether to keep the dimensions, with size 1", False)

    def gone(self, rank: int) -> list[int]:
        """The axes that are reduced, from the front."""
        if self.dim is None or self.dim == ():
            return list(range(rank))
        return resolve_dims(self.op, self.dim, max(rank, 1))

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        gone = self.gone(len(shape))
        if self.keepdim:
            return tuple(1 if axis in gone else size for axis, size in enumerate(shape))
        return tuple(size for axis, size in enumerate(shape) if axis not in gone)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        rank = len(inputs[0])
        gone = self.gone(rank)
        if not self.keepdim:
            return Origin("same", parts=((0, [a for a in range(rank) if a not in gone][axis]),))
        return Origin("argument", "dim") if axis in gone else Origin("same", parts=((0, axis),))

    def write(self, *inputs: str, **arguments: str) -> str:
        return self.call(inputs[0], "", arguments)

    def call(self, tensor: str, before: str, texts: Mapping[str, str]) -> str:
        """The call, with `before` between the tensor and the axes."""
        whole = texts["dim"] in ("None", "()", "[]")
        dim = "" if whole else f", dim={texts['dim']}" if before else f", {texts['dim']}"
        keep = keywords(self, texts, "keepdim")
        if whole and keep:
            dim = ", dim=()" if self.function in ("torch.amax", "torch.amin") else ", dim=None"
        return f"{self.function}({tensor}{before}{dim}{keep})"


@layer
class Mean(Reduce):
    """Computes the mean over dimensions.

    Shape: (*) -> (*) without the dimensions dim, or with size 1 in their place
    Source: `torch.mean`
    """

    torch_name = "torch.mean"

    floating = True
    function = "torch.mean"


@layer
class Sum(Reduce):
    """Computes the sum over dimensions.

    Shape: (*) -> (*) without the dimensions dim, or with size 1 in their place
    Source: `torch.sum`
    """

    torch_name = "torch.sum"

    function = "torch.sum"

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return dtypes[0] if "float" in dtypes[0] or "complex" in dtypes[0] else "int64"


@layer
class Max(Reduce):
    """Computes the maximum over dimensions.

    Shape: (*) -> (*) without the dimensions dim, or with size 1 in their place
    Note: The result has the values without their indices.
    Source: `torch.amax`
    """

    torch_name = "torch.amax"

    saved_inputs = True
    saved_result = True
    function = "torch.amax"


@layer
class Min(Reduce):
    """Computes the minimum over dimensions.

    Shape: (*) -> (*) without the dimensions dim, or with size 1 in their place
    Note: The result has the values without their indices.
    Source: `torch.amin`
    """

    torch_name = "torch.amin"

    saved_inputs = True
    saved_result = True
    function = "torch.amin"


@layer
class Norm(Reduce):
    """Computes the vector norm over dimensions.

    Shape: (*) -> (*) without the dimensions dim, or with size 1 in their place,
        y = (Σ |x|^ord)^(1/ord)
    Source: `torch.linalg.vector_norm`
    """

    torch_name = "torch.linalg.vector_norm"

    saved_inputs = True
    saved_result = True
    floating = True
    function = "torch.linalg.vector_norm"
    order = ("ord",)
    ord: float = optional(
        Number(infinite=True),
        "the order of the norm; 2 for the Euclidean norm, .inf for the maximum norm",
        2,
    )

    def write(self, *inputs: str, **arguments: str) -> str:
        before = "" if arguments["ord"] in ("2", "2.0") else f", {arguments['ord']}"
        if not before and arguments["dim"] != "None":
            return self.call(inputs[0], ", ", arguments).replace(", , ", ", ")
        return self.call(inputs[0], before, arguments)
