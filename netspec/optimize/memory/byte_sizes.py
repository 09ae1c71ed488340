"""Numbers of bytes as people write and read them."""

from __future__ import annotations

import re
from math import ceil

_UNITS = {"": 1, "B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "TB": 1000**4}
_UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}


def parse_bytes(text: str) -> int | None:
    """Return the number of bytes that a text such as `2GiB` says; None for other texts.

    >>> parse_bytes("2GiB"), parse_bytes("1.5 MB"), parse_bytes("800"), parse_bytes("much")
    (2147483648, 1500000, 800, None)
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)", text.strip())
    unit = _UNITS.get(match[2].upper()) if match is not None else None
    return int(float(match[1]) * unit) if match is not None and unit is not None else None


def bytes_text(size: int) -> str:
    """Return a number of bytes in three or four digits, rounded up.

    >>> bytes_text(2**31), bytes_text(300_000_000), bytes_text(700)
    ('2.00 GiB', '286.2 MiB', '700 B')
    """
    if size < 2**10:
        return f"{size} B"
    if size < 2**20:
        return f"{ceil(10 * size / 2**10) / 10:.1f} KiB"
    if size < 2**30:
        return f"{ceil(10 * size / 2**20) / 10:.1f} MiB"
    return f"{ceil(100 * size / 2**30) / 100:.2f} GiB"
