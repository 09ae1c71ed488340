"""JSON of an untrusted file: bounded in memory, and as strict as Rust's `serde_json`."""

from __future__ import annotations

import json
import math
from typing import Any

_MOST_MEMORY = 120 * 1000 * 1000
_MOST_DEPTH = 127
"""How deep `serde_json` reads."""


class JsonTextError(Exception):
    """A text that is not JSON, or needs too much memory."""


class JsonObject(list[tuple[str, Any]]):
    """An object as its pairs, so that repeated keys are visible."""


def parse_header(data: bytes) -> Any:
    """The value of a JSON text, with objects as `JsonObject`. Raises `JsonTextError`."""
    if memory_of(data) > _MOST_MEMORY:
        raise JsonTextError("it requires too much memory")
    try:
        return json.loads(
            data.decode(),
            object_pairs_hook=JsonObject,
            parse_constant=_no_constant,
            parse_int=_integer if b"-0" in data else None,
        )
    except UnicodeDecodeError:
        raise JsonTextError("it is not UTF-8") from None
    except RecursionError:
        raise JsonTextError("it is nested too deep") from None
    except ValueError:
        raise JsonTextError("it is not JSON") from None


def memory_of(data: bytes) -> int:
    """An estimate of the memory of the value of the text, computed before it is parsed."""
    containers = data.count(b"[") + data.count(b"{")
    items = containers + data.count(b",") + data.count(b":")
    return 2 * len(data) + 120 * containers + 60 * items


def _no_constant(text: str) -> Any:
    """Python reads NaN and Infinity as numbers; JSON has none."""
    raise ValueError(text)


def _integer(text: str) -> float:
    """Serde reads `-0` as a floating-point number, which is no size."""
    return -0.0 if text == "-0" else int(text)


def accepted_anywhere(value: Any, depth: int) -> bool:
    """Whether `serde_json` accepts a value that it then ignores, at this depth of the text."""
    waiting = [(value, depth)]
    while waiting:
        part, level = waiting.pop()
        if level > _MOST_DEPTH:
            return False
        if isinstance(part, JsonObject):
            waiting += [(inner, level + 1) for pair in part for inner in pair]
        elif isinstance(part, list):
            waiting += [(inner, level + 1) for inner in part]
        elif isinstance(part, str):
            if not well_formed(part):
                return False
        elif isinstance(part, int | float) and not _in_range(part):
            return False
    return True


def _in_range(number: float) -> bool:
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False


def well_formed(text: str) -> bool:
    """Whether it has no half of a surrogate pair, which Python's reader lets pass."""
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)
