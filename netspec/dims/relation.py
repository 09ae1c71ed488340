"""Conditions on sizes as data: relations that do not hold for all inputs."""

from __future__ import annotations

from typing import NamedTuple

from netspec.dims.domain import Domain
from netspec.dims.symbolic import Size


class Relation(NamedTuple):
    """A relation of two sizes.

    Args:
        left: The size on the left.
        operator: `==`, `>=`, `<=` or `divisible by`.
        right: The size on the right.
    """

    left: Size
    operator: str
    right: Size

    def __str__(self) -> str:
        """The relation as messages have it.

        >>> from netspec.dims import symbol
        >>> str(Relation(symbol("H") * symbol("W"), "divisible by", 4))
        'H*W divisible by 4'
        """
        return f"{self.left} {self.operator} {self.right}"


class Membership(NamedTuple):
    """The values that satisfy it, of one symbol."""

    symbol: str
    domain: Domain

    def __str__(self) -> str:
        """The values in words."""
        return self.domain.describe(self.symbol)


Condition = Relation | Membership
