"""Numbers for people."""

from __future__ import annotations


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
    """So many of a thing.

    >>> counted(1, "node"), counted(1427, "node")
    ('1 node', '1,427 nodes')
    """
    return f"{count:,} {noun if count == 1 else f'{noun}s'}"


_UNITS = ("", "k", "M", "G", "T", "P")
