"""Sizes, possibly symbolic: their arithmetic, the values of symbols, relations between them.

>>> H = symbol("H")
>>> (H + 2 * 3 - 6 - 1) // 2 + 1
(H+1)//2
"""

from netspec.dims.arithmetic import (
    as_integer,
    divide_exactly,
    evaluate,
    is_size,
    is_symbolic,
    product,
    symbol,
    symbols,
)
from netspec.dims.compound import Opaque, Product
from netspec.dims.domain import EVERY, NOTHING, Domain
from netspec.dims.floor import Floor
from netspec.dims.minmax import extreme
from netspec.dims.relation import Condition, Membership, Relation
from netspec.dims.scale import scale
from netspec.dims.solve import at_least, divisible, equal
from netspec.dims.substitution import substitute
from netspec.dims.symbolic import Shape, Size, Symbolic
from netspec.dims.verdict import ALWAYS, NEVER, Verdict

__all__ = [
    "ALWAYS",
    "EVERY",
    "NEVER",
    "NOTHING",
    "Condition",
    "Domain",
    "Floor",
    "Membership",
    "Opaque",
    "Product",
    "Relation",
    "Shape",
    "Size",
    "Symbolic",
    "Verdict",
    "as_integer",
    "at_least",
    "divide_exactly",
    "divisible",
    "equal",
    "evaluate",
    "extreme",
    "is_size",
    "is_symbolic",
    "product",
    "scale",
    "substitute",
    "symbol",
    "symbols",
]
