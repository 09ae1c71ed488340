"""Where an argument that a layer does not accept gets its value from."""

from __future__ import annotations

from netspec.diagnostics import Label
from netspec.document import Scalar, TextNode
from netspec.elaborate.scope import Reader
from netspec.expr import LoopItem
from netspec.graph.value_places import argument_labels, parameter_name, value_place


def argument_place(
    written: TextNode, name: str, path: str, reader: Reader
) -> tuple[TextNode, tuple[Label, ...]]:
    """The place of the value of an argument, and a label for the argument if that is another place."""
    parameter = parameter_name(written)
    value = reader.env.get(parameter)
    if not name or isinstance(value, LoopItem | str):  # a text may be a word of the argument itself
        return written, ()
    place = value_place(written, reader.frame.level)
    outer = reader.frame.file.parameters.get(parameter_name(place))
    default = outer.default if outer is not None else None
    in_file = place is not written or reader.frame.level.block is None
    if in_file and isinstance(default, Scalar) and reader.env.get(parameter) == default.value:
        place = default
    return place, argument_labels(written, place, name, path)
