"""The entries of a spec before its body: name, inputs, sizes, initialization."""

from __future__ import annotations

from netspec.elaborate import Catalog
from netspec.schema.graph.graph_model import GraphInput, GraphModel, GraphSize
from netspec.schema.graph.initialization_rules import initialization_rules
from netspec.schema.graph.marked_text import Location, Marked


def header(model: GraphModel, catalog: Catalog) -> dict[str, object]:
    """Key to value, each marked with the field that it is made of."""
    entries: dict[str, object] = {"name": Marked(model.name, ("name",))}
    if model.doc:
        entries["doc"] = Marked(model.doc, ("doc",))
    entries["inputs"] = {
        tensor.name: Marked(_input(tensor, ("inputs", k)), ("inputs", k))
        for k, tensor in enumerate(model.inputs)
    }
    sizes = {name: _size(size, ("sizes", name)) for name, size in model.sizes.items()}
    if dims := {name: Marked(size, ("sizes", name)) for name, size in sizes.items() if size}:
        entries["dims"] = dims
    if rules := initialization_rules(model, catalog):
        entries["init"] = rules
    return entries


def _input(tensor: GraphInput, location: Location) -> object:
    place = (*location, "shape")
    shape = [Marked(size, (*place, axis)) for axis, size in enumerate(tensor.shape)]
    if tensor.dtype == "float32":
        return shape
    return {"shape": Marked(shape, place), "dtype": Marked(tensor.dtype, (*location, "dtype"))}


def _size(size: GraphSize, location: Location) -> dict[str, object]:
    entries = {
        "min": ("minimum", size.minimum if size.minimum != 1 else None),
        "max": ("maximum", size.maximum),
        "multiple_of": ("multiple_of", size.multiple_of if size.multiple_of != 1 else None),
        "example": ("example", size.example),
    }
    return {
        key: Marked(value, (*location, field))
        for key, (field, value) in entries.items()
        if value is not None
    }
