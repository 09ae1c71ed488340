"""The type annotations of constructor arguments, from the values that they have in the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netspec.codegen.plans import ConstructorArgument
from netspec.elaborate.op_value import OpValue
from netspec.expr import LoopItem
from netspec.graph import Level
from netspec.layers import find
from netspec.syntax import Block

NOTHING: Mapping[int, str] = {}
_ORDER = ("int", "float", "bool", "str")


def annotation(argument: ConstructorArgument, expanding: Mapping[int, str]) -> str:
    """The type of an argument as Python writes it: `int`, `tuple[int, ...]`, `type[nn.Module]`.

    `expanding` has the names of the classes whose `expansion` is asked, by the identity of their blocks.
    """
    if argument.kind == "size":
        return "int"
    if argument.kind == "free" and argument.name.endswith(("_first", "_last")):
        return "bool"
    values = list(_values(argument))
    if _is_size(argument) and all(isinstance(value, list | tuple) for value in values):
        return _union({_row(value, expanding, ops=False) for value in values})  # type: ignore[arg-type]
    types = {type_of(value, expanding, ops=argument.holds_ops) for value in values}
    if len(types) > 1:  # a number for all dimensions, or one for each of them
        types = {
            _row(value, expanding, ops=argument.holds_ops)
            if isinstance(value, list | tuple)
            else type_of(value, expanding, ops=argument.holds_ops)
            for value in values
        }
    return _union(types)


def _is_size(argument: ConstructorArgument) -> bool:
    """Whether a block declares the argument as a number for each dimension."""
    definition = argument.plan.definition
    declared = definition.parameters.get(argument.name) if isinstance(definition, Block) else None
    return declared is not None and declared.type == "size"


def type_of(value: object, expanding: Mapping[int, str] = NOTHING, *, ops: bool = False) -> str:
    """The type of one value; with `ops`, a text that names a layer is a class.

    >>> type_of(3), type_of([1, 2]), type_of((1, 0.5)), type_of([[1, "a"]])
    ('int', 'tuple[int, ...]', 'tuple[float, ...]', 'tuple[tuple[int, str], ...]')
    """
    if isinstance(value, LoopItem):
        value = value.value
    if isinstance(value, OpValue):
        if value.arguments:
            return "Callable[..., nn.Module]"
        return f"type[{expanding.get(id(value.definition), 'nn.Module')}]"
    if isinstance(value, list | tuple):
        inner = {type_of(item, expanding, ops=ops) for item in value}
        rows = {_row(item, expanding, ops=ops) for item in value if isinstance(item, list | tuple)}
        mixed = any("|" in each for each in inner)
        table = [item for item in value if isinstance(item, list | tuple)]
        lengths = {len(row) for row in table}
        if len(table) == len(value) and mixed and len(rows) == 1:
            inner = rows  # a table: each column has its type
        elif len(table) == len(value) and len(rows) > 1 and len(lengths) == 1 and lengths != {0}:
            columns = [_column(column, expanding, ops=ops) for column in zip(*table, strict=True)]
            inner = {f"tuple[{', '.join(columns)}]"}
        return f"tuple[{_union(inner)}, ...]" if inner else "tuple[()]"
    if ops and isinstance(value, str) and find(value) is not None:
        return "type[nn.Module]"
    return "None" if value is None else type(value).__name__


def _row(
    value: list[object] | tuple[object, ...], expanding: Mapping[int, str], *, ops: bool
) -> str:
    """The type of a tuple whose length and places matter: `tuple[int, str]`."""
    inner = ", ".join(type_of(item, expanding, ops=ops) for item in value)
    return f"tuple[{inner or '()'}]"


def _column(values: tuple[object, ...], expanding: Mapping[int, str], *, ops: bool) -> str:
    """The type of one column of a table, where the rows have several: `tuple[int, int] | None`."""
    return _union(
        {
            _row(value, expanding, ops=ops)
            if isinstance(value, list | tuple)
            else type_of(value, expanding, ops=ops)
            for value in values
        }
    )


def _union(types: set[str]) -> str:
    """`int | str`; a float may be an int as well."""
    if "float" in types:
        types = types - {"int"}
    if "Callable[..., nn.Module]" in types:
        types = types - {"type[nn.Module]"}
    classes = sorted(t.removeprefix("type[").removesuffix("]") for t in types if t[:5] == "type[")
    if len(classes) > 1:  # one `type[A | B]`
        types = {t for t in types if t[:5] != "type["} | {f"type[{' | '.join(classes)}]"}
    ordered = sorted(types, key=lambda t: (t == "None", _ORDER.index(t) if t in _ORDER else 9, t))
    return " | ".join(ordered) or "int"


def _values(argument: ConstructorArgument) -> Iterator[object]:
    if argument.kind == "value":
        yield from (v for v in argument.values if v is not None)
        return
    for level in argument.plan.levels:
        if argument.name in level.env:
            yield level.env[argument.name]
        elif argument.kind == "free":
            yield from _inside(level, argument.name)


def _inside(level: Level, name: str) -> Iterator[object]:
    """What a name means to the layers of a group."""
    for node in level.nodes():
        if name in node.env:
            yield node.env[name]
            return
