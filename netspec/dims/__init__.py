"""Sizes, possibly symbolic: their arithmetic, the values of symbols, relations between them.

>>> H = symbol("H")
>>> (H + 2 * 3 - 6 - 1) // 2 + 1
(H+1)//2
"""

from netspec.dims.arithmetic import (
    constant,
    divide_exactly,
    evaluate,
    is_size,
    is_symbolic,
    product,
    scale,
    substitute,
    symbol,
    symbols,
)
from netspec.dims.domain import EVERY, NOTHING, Domain
from netspec.dims.forms import Floor, Opaque, Product, Shape, Size, Symbolic
from netspec.dims.solve import ALWAYS, NEVER, Verdict, at_least, divisible, equal

__all__ = [
    "ALWAYS",
    "EVERY",
    "NEVER",
    "NOTHING",
    "Domain",
    "Floor",
    "Opaque",
    "Product",
    "Shape",
    "Size",
    "Symbolic",
    "Verdict",
    "at_least",
    "constant",
    "divide_exactly",
    "divisible",
    "equal",
    "evaluate",
    "is_size",
    "is_symbolic",
    "product",
    "scale",
    "substitute",
    "symbol",
    "symbols",
]
