"""Arguments without names: `Conv2d: [64, 3]`, `args: [64, 3]`, and those that another tool nests in `kwargs`."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Edit, Help, Span
from netspec.dims import Shape
from netspec.document import Mapping, Scalar, Sequence, TextNode, splices
from netspec.elaborate.op_value import Definition
from netspec.elaborate.scope import Reader
from netspec.layer.argument_kinds import InvalidValueError
from netspec.layer.base import Layer
from netspec.syntax import Block, Step, plain_value

_LISTS = frozenset({"args", "arguments", "params", "parameters", "values"})
_MAPPINGS = frozenset({"kwargs", "config", "options", "attrs", "attributes", *_LISTS})


def unnamed_arguments(
    definition: Definition, key: Scalar, step: Step | None, reader: Reader
) -> Diagnostic | None:
    """The diagnostic on an argument that is a list of values, or a mapping of arguments; None for any other."""
    value = next((v for k, v in step.arguments if k is key), None) if step is not None else None
    if step is None or value is None:
        return None
    name = definition.name if isinstance(definition, Block) else definition.__name__
    place, helps = key.span, [_nested(key, value)]
    if value.start < key.end or (key.text in _LISTS and isinstance(value, Sequence)):
        helps = [*_named(definition, name, key, value, step, reader)]
        place = value.span
    elif key.text not in _MAPPINGS or not isinstance(value, Mapping):
        return None
    what = "next to `op`" if isinstance(value, Mapping) else "by name"
    return Diagnostic(
        Code.UNKNOWN_PARAMETER if isinstance(definition, Block) else Code.UNKNOWN_ARGUMENT,
        f"`{name}` expects its arguments {what}, got `{place.text}`",
        place,
        "nested arguments" if isinstance(value, Mapping) else "arguments without names",
        helps=tuple(helps),
    )


def _nested(key: Scalar, value: TextNode) -> Help:
    """Arguments in a mapping of their own, written next to the op."""
    help_ = Help("write them next to `op`, without this key")
    if not isinstance(value, Mapping) or not value.entries or not splices.is_flow(value):
        return help_
    entries = [key.source.text[k.start : max(v.end, k.end)] for k, v in value.entries]
    return Help(help_.text, _next_to_op(key, value, entries))


def _next_to_op(key: Scalar, value: TextNode, entries: list[str]) -> tuple[Edit, ...]:
    """The edit that writes entries in place of a key: on its line in braces, on lines of their own below it."""
    text = key.source.text
    column = splices.column(text, key.start)
    ahead = text[key.start - column : key.start]
    in_lines = not ahead.strip(" -")
    separator = f"{splices.newline(text)}{' ' * column}" if in_lines else ", "
    return (Edit(Span(key.source, key.start, value.end), separator.join(entries)),)


def _named(
    definition: Definition, name: str, key: Scalar, value: TextNode, step: Step, reader: Reader
) -> list[Help]:
    """The values with the names of the arguments, in the orders in which they may have been written."""
    values = value.items if isinstance(value, Sequence) else [value]
    orders, certain = argument_orders(definition, [plain_value(v) for v in values], reader)
    helps = []
    for k, order in enumerate(orders):
        entries = [f"{n}: {v.span.text}" for n, v in zip(order, values, strict=False)]
        text = f"{'or ' * (k > 0)}write `{{op: {name}, {', '.join(entries)}}}`"
        helps.append(Help(text, _edits(name, entries, key, value, step), certain))
    if helps:
        return helps
    declared = definition.parameters if isinstance(definition, Block) else definition.arguments
    required = [n for n in declared if getattr(declared[n], "required", True)]
    listed = "".join(f", {n}: …" for n in required) or ", …"
    return [Help(f"write `{{op: {name}{listed}}}`, with the name of each argument")]


def argument_orders(
    definition: Definition,
    values: list[object],
    reader: Reader,
    others: frozenset[str] = frozenset(),
) -> tuple[list[list[str]], bool]:
    """The orders of arguments that accept the values, and whether only one is possible.

    `others` are the arguments that are written with their names.
    """
    if isinstance(definition, Block):
        names = [name for name in definition.parameters if name not in others]
        return [names[: len(values)]] if len(values) <= len(names) else [], True
    names = [name for name in definition.arguments if name not in others]
    uninferred = [n for n in names if not definition.arguments[n].inferred]
    orders = [o for o in (names, uninferred) if _accepts(definition, o, values)]
    orders = orders[:1] if len(orders) == 2 and orders[0] == orders[1] else orders
    shape = reader.x[0].shape if reader.x else None
    if len(orders) > 1 and shape is not None and values:
        inferred = _first_inferred(definition, names[0], shape)
        if inferred == values[0]:
            return [names], True
        return [uninferred, names], False
    return orders, len(orders) == 1


def _first_inferred(definition: type[Layer], name: str, shape: Shape) -> object:
    """The size of the input that decides the first argument, such as `in_channels`."""
    layer, _ = definition.make({n: 1 for n, a in definition.arguments.items() if a.required})
    return layer.inferred_arguments(shape).get(name) if layer is not None else None


def _accepts(definition: type[Layer], order: list[str], values: list[object]) -> bool:
    """Whether the arguments in this order accept the values, and no required one is missing."""
    if len(values) > len(order) or any(
        definition.arguments[name].required for name in order[len(values) :]
    ):
        return False
    for name, value in zip(order, values, strict=False):
        argument = definition.arguments[name]
        try:
            if value is not None or not argument.inferred:
                argument.kind.accept(value)
        except InvalidValueError:
            return False
    return True


def _edits(
    name: str, entries: list[str], key: Scalar, value: TextNode, step: Step
) -> tuple[Edit, ...]:
    if value.start >= key.end:  # `args: […]`, next to the op
        return _next_to_op(key, value, entries)
    listed = ", ".join(entries)
    start = min(step.op.start if step.op is not None else key.start, key.start)
    return (Edit(Span(key.source, start, key.end), f"{{op: {name}, {listed}}}"),)
