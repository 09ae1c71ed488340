"""Activations that always compute a new tensor. Those with `inplace` are in `inplace_activation.py`."""

from __future__ import annotations

from netspec.layer import (
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
)
from netspec.layer.argument_kinds import show


class _Activation(Module):
    """A function of each element."""

    category = "activation"


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
        """The step that moves trailing channels to the dimension where the layer expects them."""
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
