"""Powers: of a tensor and a number, or of two tensors."""

from __future__ import annotations

from netspec.layer import NUMBER, Null, OneOf, layer, optional
from netspec.layers.pair_operations import PairOrNumber


@layer
class Pow(PairOrNumber):
    """Raises each element to a power.

    Shape: (*) -> (*), y = x^exponent; the shapes of two inputs broadcast
    Note: The exponent is a number, or the second input.
    Source: `torch.pow`
    """

    torch_name = "torch.pow"

    since = 1
    category = "elementwise"
    inputs = ("input", "exponent")
    saved_inputs = True
    sign = "**"
    takes_booleans = False
    exponent: float | None = optional(
        OneOf(NUMBER, Null()), "the exponent, if it is not the second input", None
    )
    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Pow, exponent: 2}
    """

    def saves_result(self, result: int) -> bool:
        return self.exponent is None

    def element(self, name: str) -> str:
        return "floating" if isinstance(self.exponent, int) and self.exponent < 0 else ""
