"""Activations: functions of each element, and the few that look along an axis."""

from __future__ import annotations

from typing import ClassVar

from netspec.diagnostics import Code
from netspec.dims import Shape
from netspec.layers.arguments import (
    FLAG,
    NUMBER,
    POSITIVE,
    Choice,
    Number,
    optional,
    required,
)
from netspec.layers.base import Axes, Module, ShapeError, Solver, layer, show

_INPLACE = "whether it overwrites its input, to save memory"


class _Elementwise(Module):
    """A function of each element."""


class _Inplace(Module):
    """A function of each element that may overwrite its input."""

    from_result: ClassVar[bool] = False
    """Whether its gradient, where it works in place, is computed from its result."""

    inplace: bool = optional(FLAG, _INPLACE, False)

    def saves_input(self, index: int) -> bool:
        return not self.inplace

    def saves_result(self, result: int) -> bool:
        return self.inplace and self.from_result

    def one_way(self) -> str:
        """Why torch cannot compute its gradient in place, as `a negative_slope below 0`; mostly empty."""
        return ""


@layer
class ReLU(_Inplace):
    """Keeps what is positive and makes the rest 0.

    Shape: (*) -> (*), y = max(0, x)
    Source: `torch.nn.ReLU`
    """

    arithmetic = True

    def saves_input(self, index: int) -> bool:
        return False

    def saves_result(self, result: int) -> bool:
        return True


@layer
class ReLU6(_Inplace):
    """Keeps what is between 0 and 6 and clips the rest.

    Shape: (*) -> (*), y = min(max(0, x), 6)
    Source: `torch.nn.ReLU6`, https://arxiv.org/abs/1704.04861
    """

    arithmetic = True


@layer
class LeakyReLU(_Inplace):
    """Keeps what is positive and scales the rest down.

    Shape: (*) -> (*), y = x if x ≥ 0 else negative_slope · x
    Source: `torch.nn.LeakyReLU`
    """

    from_result = True
    floating = True
    order = ("negative_slope",)
    negative_slope: float = optional(NUMBER, "slope left of 0", 0.01)

    def one_way(self) -> str:
        return "a negative_slope below 0" if self.negative_slope < 0 else ""


@layer
class PReLU(Module):
    """Keeps what is positive and scales the rest by a learned slope.

    Shape: (N, C, *) -> (N, C, *), y = x if x ≥ 0 else weight · x
    Source: `torch.nn.PReLU`, https://arxiv.org/abs/1502.01852
    """

    saved_inputs = True
    num_parameters: int = optional(POSITIVE, "slopes to learn: 1, or one for each channel", 1)
    init: float = optional(NUMBER, "what the slopes start as", 0.25)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        channels = shape[1] if len(shape) > 1 else 1
        if self.num_parameters == 1 or solver.equal(channels, self.num_parameters):
            return shape
        raise ShapeError(
            Code.VALUE,
            f"`PReLU` learns {self.num_parameters} slopes, but its input has {channels} channels",
            argument="num_parameters",
            label=f"must be 1 or {channels}",
            axes=((0, 1),) if len(shape) > 1 else (),
            helps=(
                *self.moved(shape),
                f"set `num_parameters` to 1 (one slope for all) or {channels}",
            ),
        )

    def moved(self, shape: Shape) -> tuple[str, ...]:
        """The step that brings channels which come last to where it takes them."""
        rank = len(shape)
        if rank < 3 or shape[-1] != self.num_parameters or shape[-1] in shape[1:-1]:
            return ()
        order = show([0, rank - 1, *range(1, rank - 1)])
        return (
            f"{self.num_parameters} is the last dimension of {show(shape)}, and `PReLU` "
            f"expects the channels second: add `{{op: Permute, dims: {order}}}` before it",
        )

    def parameters(self, *inputs: Shape) -> dict[str, Axes]:
        return {"weight": (self.num_parameters,)}


@layer
class RReLU(_Inplace):
    """Keeps what is positive and scales the rest by a slope, random while training.

    Shape: (*) -> (*), y = x if x ≥ 0 else a · x, a drawn from [lower, upper]
    Source: `torch.nn.RReLU`, https://arxiv.org/abs/1505.00853
    """

    from_result = True
    floating = True
    order = ("lower", "upper")
    lower: float = optional(NUMBER, "smallest slope", 1 / 8)
    upper: float = optional(NUMBER, "largest slope", 1 / 3)

    def validate(self) -> None:
        if self.lower > self.upper:
            raise _swapped("RReLU", "lower", self.lower, "upper", self.upper)


@layer
class ELU(_Inplace):
    """Keeps what is positive and lets the rest level off at −alpha.

    Shape: (*) -> (*), y = x if x > 0 else alpha · (eˣ − 1)
    Source: `torch.nn.ELU`, https://arxiv.org/abs/1511.07289
    """

    from_result = True
    floating = True
    order = ("alpha",)
    alpha: float = optional(NUMBER, "where it levels off, below 0", 1.0)

    def one_way(self) -> str:
        return "an alpha below 0" if self.alpha < 0 else ""


@layer
class CELU(_Inplace):
    """Is an ELU whose slope is continuous at 0 for every alpha.

    Shape: (*) -> (*), y = max(0, x) + min(0, alpha · (e^(x/alpha) − 1))
    Source: `torch.nn.CELU`, https://arxiv.org/abs/1704.07483
    """

    from_result = True
    floating = True
    order = ("alpha",)
    alpha: float = optional(NUMBER, "where it levels off, below 0; not 0", 1.0)

    def one_way(self) -> str:
        return "an alpha below 0" if self.alpha < 0 else ""

    def validate(self) -> None:
        if self.alpha == 0:
            raise ShapeError(
                Code.BAD_ARGUMENT, "alpha=0 of `CELU` divides by zero",
                argument="alpha", label="must not be 0",
            )  # fmt: skip


@layer
class SELU(_Inplace):
    """Is a scaled ELU that keeps mean 0 and variance 1 through many layers.

    Shape: (*) -> (*), y = 1.0507 · (max(0, x) + min(0, 1.6733 · (eˣ − 1)))
    Source: `torch.nn.SELU`, https://arxiv.org/abs/1706.02515
    """

    from_result = True
    floating = True


@layer
class GELU(Module):
    """Weighs each element by how likely a normal variable is to be smaller.

    Shape: (*) -> (*), y = x · Φ(x)
    Source: `torch.nn.GELU`, https://arxiv.org/abs/1606.08415
    """

    saved_inputs = True
    floating = True
    approximate: str = optional(
        Choice("none", "tanh"), "`tanh` for the approximation that BERT and GPT-2 use", "none"
    )


@layer
class SiLU(_Inplace):
    """Weighs each element by its own sigmoid; also called swish.

    Shape: (*) -> (*), y = x · σ(x)
    Source: `torch.nn.SiLU`, https://arxiv.org/abs/1702.03118
    """

    floating = True


@layer
class Mish(_Inplace):
    """Weighs each element by the tanh of its softplus.

    Shape: (*) -> (*), y = x · tanh(ln(1 + eˣ))
    Source: `torch.nn.Mish`, https://arxiv.org/abs/1908.08681
    """

    floating = True


@layer
class Hardswish(_Inplace):
    """Is SiLU made of straight lines.

    Shape: (*) -> (*), y = x · min(max(0, x + 3), 6) / 6
    Source: `torch.nn.Hardswish`, https://arxiv.org/abs/1905.02244
    """

    floating = True


@layer
class Hardsigmoid(_Inplace):
    """Is the sigmoid made of straight lines.

    Shape: (*) -> (*), y = min(max(0, x + 3), 6) / 6
    Source: `torch.nn.Hardsigmoid`
    """

    floating = True


@layer
class Sigmoid(_Elementwise):
    """Maps each number to between 0 and 1.

    Shape: (*) -> (*), y = 1 / (1 + e⁻ˣ)
    Source: `torch.nn.Sigmoid`
    """

    saved_result = True
    fractional = True


@layer
class LogSigmoid(_Elementwise):
    """Is the logarithm of the sigmoid, computed in one go.

    Shape: (*) -> (*), y = ln(1 / (1 + e⁻ˣ))
    Source: `torch.nn.LogSigmoid`
    """

    saved_inputs = True
    floating = True


@layer
class Tanh(_Elementwise):
    """Maps each number to between −1 and 1.

    Shape: (*) -> (*), y = tanh(x)
    Source: `torch.nn.Tanh`
    """

    saved_result = True
    fractional = True


@layer
class Tanhshrink(_Elementwise):
    """Takes off each number its tanh.

    Shape: (*) -> (*), y = x − tanh(x)
    Source: `torch.nn.Tanhshrink`
    """

    arithmetic = True
    fractional = True


@layer
class Hardtanh(_Inplace):
    """Clips each number to an interval.

    Shape: (*) -> (*), y = min(max(min_val, x), max_val)
    Source: `torch.nn.Hardtanh`
    """

    order = ("min_val", "max_val")
    min_val: float = optional(NUMBER, "lower end of the interval", -1.0)
    max_val: float = optional(NUMBER, "upper end of the interval", 1.0)

    def element(self, name: str) -> str:
        return "signed" if self.min_val < 0 else "numbers"

    def validate(self) -> None:
        if self.min_val >= self.max_val:
            raise _swapped("Hardtanh", "min_val", self.min_val, "max_val", self.max_val)


def _swapped(op: str, low: str, less: float, high: str, more: float) -> ShapeError:
    return ShapeError(
        Code.BAD_ARGUMENT,
        f"{low}={less:g} of `{op}` is not below {high}={more:g}",
        argument=low,
        label=f"must be below {more:g}",
    )


@layer
class Hardshrink(Module):
    """Makes small numbers 0 and keeps the rest.

    Shape: (*) -> (*), y = x if |x| > lambd else 0
    Source: `torch.nn.Hardshrink`
    """

    saved_inputs = True
    floating = True
    lambd: float = optional(NUMBER, "what counts as small", 0.5)


@layer
class Softshrink(Module):
    """Makes small numbers 0 and moves the rest towards 0.

    Shape: (*) -> (*), y = sign(x) · max(0, |x| − lambd)
    Source: `torch.nn.Softshrink`
    """

    saved_inputs = True
    floating = True
    lambd: float = optional(Number(0), "what counts as small", 0.5)


@layer
class Softplus(Module):
    """Is a smooth ReLU.

    Shape: (*) -> (*), y = ln(1 + e^(beta·x)) / beta
    Source: `torch.nn.Softplus`
    """

    saved_inputs = True
    floating = True
    beta: float = optional(NUMBER, "how sharp the bend is", 1.0)
    threshold: float = optional(NUMBER, "from which beta·x on it is a straight line", 20.0)


@layer
class Softsign(_Elementwise):
    """Maps each number to between −1 and 1, more gently than tanh.

    Shape: (*) -> (*), y = x / (1 + |x|)
    Source: `torch.nn.Softsign`
    """

    saved_inputs = True
    arithmetic = True
    fractional = True


@layer
class Threshold(_Inplace):
    """Keeps what is above a threshold and puts a fixed value for the rest.

    Shape: (*) -> (*), y = x if x > threshold else value
    Source: `torch.nn.Threshold`
    """

    arithmetic = True
    positional = ("threshold", "value")
    order = ("threshold", "value")
    threshold: float = required(NUMBER, "what must be exceeded")
    value: float = required(NUMBER, "what takes the place of the rest")
