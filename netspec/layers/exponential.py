"""Exponential functions, logarithms and their relatives, of each element."""

from __future__ import annotations

from netspec.layer import layer
from netspec.layers.torch_functions import ElementFunction


@layer
class Exp2(ElementFunction):
    """Computes the power of 2 of each element.

    Shape: (*) -> (*), y = 2ˣ
    Source: `torch.exp2`
    """

    torch_name = "torch.exp2"
    saved_result = True
    fractional = True


@layer
class Expm1(ElementFunction):
    """Computes the exponential of each element, minus 1.

    Shape: (*) -> (*), y = eˣ − 1
    Source: `torch.expm1`
    """

    torch_name = "torch.expm1"
    saved_result = True
    fractional = True


@layer
class Log2(ElementFunction):
    """Computes the logarithm to base 2 of each element.

    Shape: (*) -> (*), y = log₂ x
    Source: `torch.log2`
    """

    torch_name = "torch.log2"
    saved_inputs = True
    fractional = True


@layer
class Log10(ElementFunction):
    """Computes the logarithm to base 10 of each element.

    Shape: (*) -> (*), y = log₁₀ x
    Source: `torch.log10`
    """

    torch_name = "torch.log10"
    saved_inputs = True
    fractional = True


@layer
class Log1p(ElementFunction):
    """Computes the natural logarithm of 1 plus each element.

    Shape: (*) -> (*), y = ln(1 + x)
    Source: `torch.log1p`
    """

    torch_name = "torch.log1p"
    saved_inputs = True
    fractional = True


@layer
class Logit(ElementFunction):
    """Computes the logit of each element.

    Shape: (*) -> (*), y = ln(x / (1 − x))
    Source: `torch.logit`
    """

    torch_name = "torch.logit"
    saved_inputs = True
    fractional = True


@layer
class Erf(ElementFunction):
    """Computes the error function of each element.

    Shape: (*) -> (*), y = erf x
    Source: `torch.erf`
    """

    torch_name = "torch.erf"
    saved_inputs = True
    fractional = True


@layer
class Erfc(ElementFunction):
    """Computes the complementary error function of each element.

    Shape: (*) -> (*), y = 1 − erf x
    Source: `torch.erfc`
    """

    torch_name = "torch.erfc"
    saved_inputs = True
    fractional = True


@layer
class Erfinv(ElementFunction):
    """Computes the inverse error function of each element.

    Shape: (*) -> (*), y = erf⁻¹ x
    Source: `torch.erfinv`
    """

    torch_name = "torch.erfinv"
    saved_inputs = True
    fractional = True


@layer
class Lgamma(ElementFunction):
    """Computes the logarithm of the gamma function of each element.

    Shape: (*) -> (*), y = ln |Γ(x)|
    Source: `torch.lgamma`
    """

    torch_name = "torch.lgamma"
    saved_inputs = True
    fractional = True


@layer
class Digamma(ElementFunction):
    """Computes the logarithmic derivative of the gamma function of each element.

    Shape: (*) -> (*), y = Γ′(x) / Γ(x)
    Source: `torch.digamma`
    """

    torch_name = "torch.digamma"
    saved_inputs = True
    fractional = True


@layer
class Reciprocal(ElementFunction):
    """Computes the reciprocal of each element.

    Shape: (*) -> (*), y = 1 / x
    Source: `torch.reciprocal`
    """

    torch_name = "torch.reciprocal"
    saved_result = True
    fractional = True
