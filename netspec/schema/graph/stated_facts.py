"""What a graph model states of a network, compared with what netspec infers."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from netspec.check import Report
from netspec.schema.graph.from_elaborated import graph_model
from netspec.schema.graph.graph_model import (
    GraphEdge,
    GraphInput,
    GraphModel,
    GraphNode,
    GraphSize,
    GraphTensor,
)
from netspec.schema.graph.marked_text import Location
from netspec.schema.graph.structure import Problem

_INFERRED: dict[type[BaseModel], tuple[str, ...]] = {
    GraphModel: ("conditions", "parameters", "macs"),
    GraphInput: ("sizes",),
    GraphSize: ("valid", "trainable"),
    GraphEdge: ("shape",),
    GraphTensor: ("shape", "sizes", "dtype"),
    GraphNode: ("inferred", "outputs", "parameters", "buffers", "macs"),
}
"""The fields that netspec infers, by the model."""


def contradictions(model: GraphModel, checked: Report) -> list[Problem]:
    """The stated facts that are not what netspec infers."""
    assert checked.graph is not None
    return list(_compared(model, graph_model(checked.graph, checked.spec), ()))


def _compared(stated: BaseModel, inferred: BaseModel, location: Location) -> Iterator[Problem]:
    names = _INFERRED.get(type(stated), ())
    for name in type(stated).model_fields:
        mine, its = getattr(stated, name), getattr(inferred, name)
        place = (*location, name)
        if name in names and mine is not None and not isinstance(mine, list):
            if mine != its:
                yield Problem(place, "inferred_otherwise", f"netspec infers {_shown(its)}")
        elif isinstance(mine, BaseModel) and isinstance(its, BaseModel):
            yield from _compared(mine, its, place)
        elif name == "sizes" and isinstance(mine, dict):
            for symbol in mine.keys() & its.keys():
                yield from _compared(mine[symbol], its[symbol], (*place, symbol))
        elif isinstance(mine, list) and isinstance(its, list):
            yield from _lists(mine, its, place, is_inferred=name in names)


def _lists(
    mine: list[object], its: list[object], location: Location, *, is_inferred: bool
) -> Iterator[Problem]:
    if is_inferred and len(mine) != len(its):
        yield Problem(location, "inferred_otherwise", f"netspec infers {_shown(its)}")
        return
    for k, (a, b) in enumerate(zip(mine, its, strict=False)):
        if isinstance(a, BaseModel) and isinstance(b, BaseModel):
            yield from _compared(a, b, (*location, k))
        elif is_inferred and a != b:
            yield Problem((*location, k), "inferred_otherwise", f"netspec infers {_shown(b)}")


def _shown(value: object) -> str:
    return str(value) if not isinstance(value, str) else f"`{value}`"
