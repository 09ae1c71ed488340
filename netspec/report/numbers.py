"""Numbers for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netspec.dims import Shape


def scaled(number: int) -> str:
    """A large number in three digits.

    >>> scaled(2_834_161_664), scaled(999), scaled(1_500), scaled(999_999)
    ('2.83 G', '999', '1.5 k', '1 M')
    """
    value, unit = float(number), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    digits = f"{value:.3g}" if value < 1000 else f"{value:,.0f}"
    return f"{digits} {_UNITS[unit]}".rstrip()


def counted(count: int, noun: str) -> str:
    """A count with its noun.

    >>> counted(1, "node"), counted(1427, "node")
    ('1 node', '1,427 nodes')
    """
    return f"{count:,} {noun if count == 1 else f'{noun}s'}"


def partly_known(known: str, *, unknown: bool) -> str:
    """A number as text, with a question mark for a part of it that is unknown.

    >>> partly_known("1.6 M", unknown=True), partly_known("", unknown=True), partly_known("8", unknown=False)
    ('1.6 M + ?', '?', '8')
    """
    return (f"{known} + ?" if known else "?") if unknown else known


_UNITS = ("", "k", "M", "G", "T", "P")


def shape_text(shape: Shape | tuple[int, ...] | None) -> str:
    """A shape in the notation of a spec, `?` if it is unknown."""
    return "?" if shape is None else f"[{', '.join(map(str, shape))}]"
