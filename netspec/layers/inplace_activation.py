"""Activations that may overwrite their input, `inplace: true`."""

from __future__ import annotations

from typing import ClassVar

from netspec.layer import (
    BOOLEAN,
    NUMBER,
    Code,
    Module,
    ShapeError,
    layer,
    optional,
    required,
)

_INPLACE = "whether to compute the result in place, which saves memory"


class _Inplace(Module):
    """A function of each element that may overwrite its input."""

    category = "activation"
    from_result: ClassVar[bool] = False
    """Whether its gradient in place is computed from its result."""

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
