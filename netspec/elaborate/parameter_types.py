"""The types of parameters: the values that each accepts, and the type of a default."""

from __future__ import annotations

from collections.abc import Callable

from netspec.dims import is_symbolic
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.elaborate.op_value import OpValue


def type_of_default(default: TextNode | None) -> str:
    """The type that a default implies: text for text, numbers or lists of numbers for a number."""
    if isinstance(default, Scalar):
        value = default.value
        if isinstance(value, str):
            return "value" if value.startswith("=") else "str"
        if isinstance(value, bool):
            return "bool"
        return "any" if value is None else "number"
    if isinstance(default, Sequence):
        texts = [i for i in default.items if isinstance(i, Scalar) and isinstance(i.value, str)]
        plain = [i for i in texts if not str(i.value).startswith("=")]
        return "[str]" if plain and len(plain) == len(default.items) else "list"
    return "op" if isinstance(default, Mapping) else "value"


def _whole(value: object) -> bool:
    return (
        (type(value) is int)
        or (isinstance(value, float) and value.is_integer())
        or is_symbolic(value)
    )


def _number(value: object) -> bool:
    return (isinstance(value, int | float) and not isinstance(value, bool)) or is_symbolic(value)


def _numbers(value: object) -> bool:
    return _number(value) or (isinstance(value, list) and all(_numbers(v) for v in value))


_ACCEPTS: dict[str, Callable[[object], bool]] = {
    "int": _whole,
    "float": _number,
    "bool": lambda v: isinstance(v, bool),
    "str": lambda v: isinstance(v, str),
    "op": lambda v: isinstance(v, OpValue),
    "size": lambda v: _whole(v) or (isinstance(v, list) and bool(v) and all(map(_whole, v))),
    "any": lambda _: True,
    "value": lambda _: True,
    "number": _numbers,
    "list": lambda v: isinstance(v, list),
}

_EXPECTED = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "op": "an op",
    "size": "an integer, or a list with one per dimension",
    "number": "a number",
    "list": "a list",
}
_SEVERAL = {
    "int": "integers",
    "float": "numbers",
    "bool": "booleans",
    "str": "texts",
    "op": "ops",
    "size": "sizes",
}


def expected(kind: str) -> str:
    """The values of a type, in words.

    >>> expected("[int]")
    'a list of integers'
    """
    if kind.startswith("["):
        return f"a list of {_SEVERAL.get(kind[1:-1], 'such values')}"
    return _EXPECTED.get(kind, kind)


def accepts(kind: str) -> Callable[[object], bool]:
    """The test of a type: whether it accepts a value."""
    if kind.startswith("["):
        each = accepts(kind[1:-1])
        return lambda v: isinstance(v, list) and all(each(item) for item in v)
    return _ACCEPTS[kind]
