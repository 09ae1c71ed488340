"""The arithmetic of windows that slide along a dimension, as text with the numbers inserted."""

from __future__ import annotations


def with_padding(size: int, low: int, high: int) -> str:
    """A size with its padding on both sides.

    >>> with_padding(224, 3, 3), with_padding(8, 1, 2), with_padding(8, 0, 0), with_padding(8, -1, 0)
    ('224 + 2·3', '8 + 1 + 2', '8', '8 − 1')
    """
    if low == high and low > 0:
        return f"{size} + 2·{low}"
    return str(size) + "".join(f" {'+' if n > 0 else '−'} {abs(n)}" for n in (low, high) if n)


def reached(kernel: int, dilation: int, sign: str = "−") -> str:
    """The extent of a dilated window, as text to add or subtract.

    >>> reached(7, 1), reached(3, 2), reached(3, 2, "+")
    ('− 7', '− 2·(3 − 1) − 1', '+ 2·(3 − 1) + 1')
    """
    if dilation == 1:
        return f"{sign} {kernel}"
    return f"{sign} {dilation}·({kernel} − 1) {sign} 1"


def window_count(free: str, stride: int, *, up: bool = False) -> str:
    """The number of positions of a window.

    >>> window_count("224 + 2·3 − 7", 2), window_count("12 − 3", 1)
    ('⌊(224 + 2·3 − 7) / 2⌋ + 1', '12 − 3 + 1')
    """
    if stride == 1:
        return f"{free} + 1"
    return f"⌈({free}) / {stride}⌉ + 1" if up else f"⌊({free}) / {stride}⌋ + 1"
