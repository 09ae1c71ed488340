"""Activations: functions of each element, and the few that look along an axis."""

from __future__ import annotations

from typing import ClassVar

from netspec.layer import (
    BOOLEAN,
    NUMBER,
    POSITIVE,
    Choice,
    Code,
    ConcreteShape,
    Module,
    Number,
    Shape,
    ShapeError,
    Solver,
    layer,
    optional,
    required,
)
from netspec.layers.base import show

_INPLACE = "whether to compute the result in place, which saves memory"


class _Activation(Module):
    """A function of each element."""

    category = "activation"


class _Inplace(Module):
    """A function of each element that may overwrite its input."""

    category = "activation"
    from_result: ClassVar[bool] = False
    """Whether its gradient, where it works in place, is computed from its result."""

    inplace: bool = optional(BOOLEAN, _INPLACE, False)

    def saves_input(self, index: int) -> bool:
        return not self.inplace

    def saves_result(self, result: int) -> bool:
        return self.inplace and self.from_result

    def one_way(self) -> str:
        """Why torch cannot compute its gradient in place, as `a negative_slope below 0`; mostly empty."""
        return ""


@layer
class ReLU(_Inplace):
    """Applies the rectified linear unit to each element.

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
    """Applies the rectified linear unit, limited to 6, to each element.

    Shape: (*) -> (*), y = min(max(0, x), 6)
    Source: `torch.nn.ReLU6`, https://arxiv.org/abs/1704.04861
    """

    arithmetic = True


@layer
class LeakyReLU(_Inplace):
    """Applies the rectified linear unit with a small slope for negative elements.

    Shape: (*) -> (*), y = x if x ≥ 0 else negative_slope · x
    Source: `torch.nn.LeakyReLU`
    """

    from_result = True
    floating = True
    order = ("negative_slope",)
    negative_slope: float = optional(NUMBER, "the slope for negative elements", 0.01)

    def one_way(self) -> str:
        return "a negative_slope below 0" if self.negative_slope < 0 else ""


@layer
class PReLU(Module):
    """Applies the rectified linear unit with a learned slope for negative elements.

    Shape: (N, C, *) -> (N, C, *), y = x if x ≥ 0 else weight · x
    Source: `torch.nn.PReLU`, https://arxiv.org/abs/1502.01852
    """

    category = "activation"
    saved_inputs = True
    num_parameters: int = optional(
        POSITIVE, "the number of learned slopes: 1, or one for each channel", 1
    )
    init: float = optional(NUMBER, "the initial value of the slopes", 0.25)

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

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        return {"weight": (self.num_parameters,)}


@layer
class RReLU(_Inplace):
    """Applies the leaky rectified linear unit with a slope that is drawn at random in training.

    Shape: (*) -> (*), y = x if x ≥ 0 else a · x, a drawn from [lower, upper]
    Note: In evaluation, a = (lower + upper) / 2.
    Source: `torch.nn.RReLU`, https://arxiv.org/abs/1505.00853
    """

    from_result = True
    floating = True
    order = ("lower", "upper")
    lower: float = optional(NUMBER, "the lower bound of the slope", 1 / 8)
    upper: float = optional(NUMBER, "the upper bound of the slope", 1 / 3)

    def validate(self) -> None:
        if self.lower > self.upper:
            raise _swapped("RReLU", "lower", self.lower, "upper", self.upper)


@layer
class ELU(_Inplace):
    """Applies the exponential linear unit to each element.

    Shape: (*) -> (*), y = x if x > 0 else alpha · (eˣ − 1)
    Source: `torch.nn.ELU`, https://arxiv.org/abs/1511.07289
    """

    from_result = True
    floating = True
    order = ("alpha",)
    alpha: float = optional(NUMBER, "the negated limit for large negative elements", 1.0)

    def one_way(self) -> str:
        return "an alpha below 0" if self.alpha < 0 else ""


@layer
class CELU(_Inplace):
    """Applies the continuously differentiable exponential linear unit to each element.

    Shape: (*) -> (*), y = max(0, x) + min(0, alpha · (e^(x/alpha) − 1))
    Source: `torch.nn.CELU`, https://arxiv.org/abs/1704.07483
    """

    from_result = True
    floating = True
    order = ("alpha",)
    alpha: float = optional(NUMBER, "the negated limit for large negative elements; not 0", 1.0)

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
    """Applies the scaled exponential linear unit of self-normalizing networks to each element.

    Shape: (*) -> (*), y = 1.0507 · (max(0, x) + min(0, 1.6733 · (eˣ − 1)))
    Source: `torch.nn.SELU`, https://arxiv.org/abs/1706.02515
    """

    from_result = True
    floating = True


@layer
class GELU(Module):
    """Applies the Gaussian error linear unit to each element.

    Shape: (*) -> (*),
        y = x · Φ(x), Φ the cumulative distribution function of the standard normal distribution
    Source: `torch.nn.GELU`, https://arxiv.org/abs/1606.08415
    """

    category = "activation"
    saved_inputs = True
    floating = True
    approximate: str = optional(
        Choice("none", "tanh"),
        "`tanh` for the approximation by tanh, which GPT-2 uses; `none` for the exact function",
        "none",
    )


@layer
class SiLU(_Inplace):
    """Applies the sigmoid linear unit, also known as swish, to each element.

    Shape: (*) -> (*), y = x · σ(x)
    Source: `torch.nn.SiLU`, https://arxiv.org/abs/1702.03118
    """

    floating = True


@layer
class Mish(_Inplace):
    """Applies the Mish function to each element.

    Shape: (*) -> (*), y = x · tanh(ln(1 + eˣ))
    Source: `torch.nn.Mish`, https://arxiv.org/abs/1908.08681
    """

    floating = True


@layer
class Hardswish(_Inplace):
    """Applies the hard swish function, a piecewise approximation of SiLU, to each element.

    Shape: (*) -> (*), y = x · min(max(0, x + 3), 6) / 6
    Source: `torch.nn.Hardswish`, https://arxiv.org/abs/1905.02244
    """

    floating = True


@layer
class Hardsigmoid(_Inplace):
    """Applies the hard sigmoid function, a piecewise linear approximation of the sigmoid, to each element.

    Shape: (*) -> (*), y = min(max(0, x + 3), 6) / 6
    Source: `torch.nn.Hardsigmoid`
    """

    floating = True


@layer
class Sigmoid(_Activation):
    """Applies the logistic sigmoid function to each element.

    Shape: (*) -> (*), y = σ(x) = 1 / (1 + e⁻ˣ)
    Source: `torch.nn.Sigmoid`
    """

    saved_result = True
    fractional = True


@layer
class LogSigmoid(_Activation):
    """Applies the logarithm of the sigmoid function to each element.

    Shape: (*) -> (*), y = ln(1 / (1 + e⁻ˣ))
    Source: `torch.nn.LogSigmoid`
    """

    saved_inputs = True
    floating = True


@layer
class Tanh(_Activation):
    """Applies the hyperbolic tangent to each element.

    Shape: (*) -> (*), y = tanh(x)
    Source: `torch.nn.Tanh`
    """

    saved_result = True
    fractional = True


@layer
class Tanhshrink(_Activation):
    """Subtracts the hyperbolic tangent from each element.

    Shape: (*) -> (*), y = x − tanh(x)
    Source: `torch.nn.Tanhshrink`
    """

    arithmetic = True
    fractional = True


@layer
class Hardtanh(_Inplace):
    """Clamps each element to the interval from `min_val` to `max_val`.

    Shape: (*) -> (*), y = min(max(min_val, x), max_val)
    Source: `torch.nn.Hardtanh`
    """

    order = ("min_val", "max_val")
    min_val: float = optional(NUMBER, "the lower bound of the interval", -1.0)
    max_val: float = optional(NUMBER, "the upper bound of the interval", 1.0)

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
    """Applies hard shrinkage: sets elements of small magnitude to 0.

    Shape: (*) -> (*), y = x if |x| > lambd else 0
    Source: `torch.nn.Hardshrink`
    """

    category = "activation"
    saved_inputs = True
    floating = True
    lambd: float = optional(NUMBER, "the threshold of the magnitude", 0.5)


@layer
class Softshrink(Module):
    """Applies soft shrinkage: moves each element toward 0 by `lambd`.

    Shape: (*) -> (*), y = sign(x) · max(0, |x| − lambd)
    Source: `torch.nn.Softshrink`
    """

    category = "activation"
    saved_inputs = True
    floating = True
    lambd: float = optional(Number(0), "the threshold of the magnitude", 0.5)


@layer
class Softplus(Module):
    """Applies the softplus function, a smooth approximation of ReLU, to each element.

    Shape: (*) -> (*), y = ln(1 + e^(beta·x)) / beta
    Source: `torch.nn.Softplus`
    """

    category = "activation"
    saved_inputs = True
    floating = True
    beta: float = optional(NUMBER, "the sharpness of the transition at 0", 1.0)
    threshold: float = optional(
        NUMBER,
        "the value of beta·x above which the function is linear, for numerical stability",
        20.0,
    )


@layer
class Softsign(_Activation):
    """Applies the softsign function to each element.

    Shape: (*) -> (*), y = x / (1 + |x|)
    Source: `torch.nn.Softsign`
    """

    saved_inputs = True
    arithmetic = True
    fractional = True


@layer
class Threshold(_Inplace):
    """Replaces each element that does not exceed a threshold with a constant.

    Shape: (*) -> (*), y = x if x > threshold else value
    Source: `torch.nn.Threshold`
    """

    arithmetic = True
    positional = ("threshold", "value")
    order = ("threshold", "value")
    threshold: float = required(NUMBER, "the threshold")
    value: float = required(NUMBER, "the constant for elements that do not exceed the threshold")
