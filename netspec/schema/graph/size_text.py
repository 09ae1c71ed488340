"""Texts of sizes: whether two of them mean the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from netspec.dims import Domain, Shape, Size, equal, is_size, symbol
from netspec.expr import ExpressionError, Scope, evaluate, parse_expression


class _Symbols(Scope):
    """A scope in which every name is a symbol."""

    def name(self, name: str) -> object:
        return symbol(name)

    def tensor(self, name: str) -> Sequence[Shape | None]:
        raise KeyError(name)

    def names(self) -> Iterable[str]:
        return ()

    def known(self) -> Mapping[str, Domain]:
        return {}


def read_size_text(text: str) -> Size | None:
    """The size that a text such as `(H+3)//32` means, or None."""
    try:
        size = evaluate(parse_expression(text), _Symbols())
    except ExpressionError:
        return None
    return size if is_size(size) else None


def is_same_size(stated: int | str, inferred: int | str, domains: Mapping[str, Domain]) -> bool:
    """Whether two sizes are equal for all values that their symbols may take."""
    if stated == inferred:
        return True
    sizes = [size if isinstance(size, int) else read_size_text(size) for size in (stated, inferred)]
    mine, its = sizes
    return mine is not None and its is not None and equal(mine, its, domains).always
