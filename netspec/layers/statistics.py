"""Reductions beyond the usual ones: spread, products, booleans, and the logarithm of a sum."""

from __future__ import annotations

from netspec.layer import (
    BOOLEAN,
    DIM,
    NUMBER,
    Code,
    Function,
    ListOf,
    Null,
    OneOf,
    Origin,
    Shape,
    ShapeError,
    Solver,
    layer,
    optional,
    required,
    resolve_dim,
)
from netspec.layer.calls import keywords
from netspec.layers.reduce import Reduce

_DIMS = OneOf(DIM, ListOf(DIM, fewest=1))


class _Spread(Reduce):
    """A standard deviation or a variance."""

    since = 1.1
    floating = True
    saved_inputs = True
    order = ("dim", "correction", "keepdim")
    correction: float = optional(
        NUMBER, "what is subtracted from the number of elements; 0 for the biased estimate", 1
    )

    def write(self, *inputs: str, **arguments: str) -> str:
        whole = arguments["dim"] in ("None", "()", "[]")
        other = keywords(self, arguments, "correction", "keepdim")
        dim = "" if whole and not other else f", dim={'None' if whole else arguments['dim']}"
        dim = dim if whole or other else f", {arguments['dim']}"
        return f"{self.torch_name}({inputs[0]}{dim}{other})"


@layer
class Std(_Spread):
    """Computes the standard deviation over dimensions.

    Shape: (*) -> (*) without the dimensions dim, or with size 1 in their place
    Source: `torch.std`
    """

    torch_name = "torch.std"

    saved_result = True


@layer
class Var(_Spread):
    """Computes the variance over dimensions.

    Shape: (*) -> (*) without the dimensions dim, or with size 1 in their place
    Source: `torch.var`
    """

    torch_name = "torch.var"


@layer
class LogSumExp(Reduce):
    """Computes the logarithm of the sum of the exponentials over dimensions.

    Shape: (*) -> (*) without the dimensions dim, or with size 1 in their place, y = ln Σ eˣ
    Source: `torch.logsumexp`
    """

    torch_name = "torch.logsumexp"

    since = 1.1
    fractional = True
    saved_inputs = True
    saved_result = True
    function = "torch.logsumexp"
    dim: int | tuple[int, ...] = required(_DIMS, "the dimension or dimensions")


class _Quantifier(Reduce):
    """A boolean over dimensions."""

    since = 1.1
    dim: int | tuple[int, ...] | None = optional(
        OneOf(_DIMS, Null()), "the dimension or dimensions; null for all", None
    )

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return "uint8" if dtypes[0] == "uint8" else "bool"


@layer
class All(_Quantifier):
    """Computes whether all elements over dimensions are true.

    Shape: (*) -> (*) without the dimensions dim, or with size 1 in their place
    Note: Numbers other than 0 are true.
    Source: `torch.all`
    """

    torch_name = "torch.all"

    function = "torch.all"


@layer
class Any(_Quantifier):
    """Computes whether any element over dimensions is true.

    Shape: (*) -> (*) without the dimensions dim, or with size 1 in their place
    Note: Numbers other than 0 are true.
    Source: `torch.any`
    """

    torch_name = "torch.any"

    function = "torch.any"


@layer
class CountNonzero(Reduce):
    """Counts the elements over dimensions that are not 0.

    Shape: (*) -> (*) without the dimensions dim
    Source: `torch.count_nonzero`
    """

    torch_name = "torch.count_nonzero"

    since = 1.1
    function = "torch.count_nonzero"
    keepdim = False

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return "int64"

    def write(self, *inputs: str, **arguments: str) -> str:
        dim = "" if arguments["dim"] in ("None", "()", "[]") else f", {arguments['dim']}"
        return f"torch.count_nonzero({inputs[0]}{dim})"


class OneDimension(Function):
    """A reduction over one dimension, or over all elements."""

    since = 1.1
    category = "reduction"

    dim: int | None = optional(OneOf(DIM, Null()), "the dimension; null for all", None)
    keepdim: bool = optional(BOOLEAN, "whether to keep the dimension, with size 1", False)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        if self.dim is None:
            return (1,) * len(shape) if self.keepdim else ()
        axis = resolve_dim(self.op, self.dim, max(len(shape), 1))
        reduced = (1,) if self.keepdim and shape else ()
        return (*shape[:axis], *reduced, *shape[axis + 1 :])

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        gone = None if self.dim is None else self.dim % max(len(inputs[0]), 1)
        if self.keepdim:
            return (
                Origin("argument") if gone in (None, axis) else Origin("same", parts=((0, axis),))
            )
        assert gone is not None
        return Origin("same", parts=((0, axis + (axis >= gone)),))

    def write(self, *inputs: str, **arguments: str) -> str:
        keep = keywords(self, arguments, "keepdim")
        if arguments["dim"] == "None":
            return f"{self.torch_name}({inputs[0]}{keep and ', dim=None' + keep})"
        return f"{self.torch_name}({inputs[0]}, {arguments['dim']}{keep})"


@layer
class Prod(OneDimension):
    """Computes the product over a dimension.

    Shape: (*) -> (*) without the dimension dim, or with size 1 in its place
    Source: `torch.prod`
    """

    torch_name = "torch.prod"

    saved_inputs = True
    saved_result = True

    def validate(self) -> None:
        if self.dim is None and self.keepdim:
            raise ShapeError(
                Code.BAD_ARGUMENT,
                "`Prod` requires `dim` for `keepdim`",
                argument="keepdim",
                label="`dim` is missing",
            )

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return dtypes[0] if "float" in dtypes[0] or "complex" in dtypes[0] else "int64"


class _ArgExtreme(OneDimension):
    """The index of an extreme element."""

    arithmetic = True

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return "int64"


@layer
class ArgMax(_ArgExtreme):
    """Computes the index of the maximum over a dimension.

    Shape: (*) -> (*) without the dimension dim, or with size 1 in its place
    Note: Without `dim`, it is an index into the flattened input.
    Source: `torch.argmax`
    """

    torch_name = "torch.argmax"


@layer
class ArgMin(_ArgExtreme):
    """Computes the index of the minimum over a dimension.

    Shape: (*) -> (*) without the dimension dim, or with size 1 in its place
    Note: Without `dim`, it is an index into the flattened input.
    Source: `torch.argmin`
    """

    torch_name = "torch.argmin"
