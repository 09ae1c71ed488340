"""The facts that a graph model states about a network, compared with the inferred ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from netspec.check import Report
from netspec.dims import Domain
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
from netspec.schema.graph.size_text import is_same_size
from netspec.schema.graph.structure import Violation

_INFERRED: dict[type[BaseModel], tuple[str, ...]] = {
    GraphModel: ("conditions", "parameters", "macs"),
    GraphInput: ("sizes",),
    GraphSize: ("valid", "trainable"),
    GraphEdge: ("shape",),
    GraphTensor: ("shape", "sizes", "dtype"),
    GraphNode: ("inferred", "outputs", "parameters", "buffers", "macs"),
}
"""The fields that netspec infers, by the model."""


def contradictions(model: GraphModel, checked: Report) -> list[Violation]:
    """The stated facts that differ from the inferred ones."""
    if checked.graph is None:
        return []
    inferred = graph_model(checked.graph, checked.spec)
    return list(_Comparison(checked.graph.domains).of(model, inferred, ()))


class _Comparison:
    def __init__(self, domains: Mapping[str, Domain]) -> None:
        self._domains = domains

    def of(self, stated: BaseModel, inferred: BaseModel, location: Location) -> Iterator[Violation]:
        """The fields of a part that contradict those of the same part as netspec infers it."""
        names = _INFERRED.get(type(stated), ())
        for name in type(stated).model_fields:
            mine, its = getattr(stated, name), getattr(inferred, name)
            place = (*location, name)
            if isinstance(mine, BaseModel) and isinstance(its, BaseModel):
                yield from self.of(mine, its, place)
            elif name in ("nodes", "levels"):
                yield from self._by_path(mine, its, place)
            elif isinstance(mine, list) and isinstance(its, list):
                yield from self._lists(mine, its, place, is_inferred=name in names)
            elif isinstance(mine, dict) and name == "sizes":
                for symbol in mine.keys() & its.keys():
                    yield from self.of(mine[symbol], its[symbol], (*place, symbol))
            elif name in names and mine is not None and mine != its:
                yield _otherwise(place, its)

    def _by_path(self, mine: list[Any], its: list[Any], location: Location) -> Iterator[Violation]:
        inferred = {part.path: part for part in its}
        for k, part in enumerate(mine):
            its_part = inferred.get(part.path)
            if its_part is not None:
                yield from self.of(part, its_part, (*location, k))
            if isinstance(part, GraphNode):
                yield from _miswired(part, its_part, (*location, k))
                yield from self._arguments(part, its_part, (*location, k, "arguments"))

    def _arguments(self, node: GraphNode, written: Any, location: Location) -> Iterator[Violation]:
        """Sizes of tensors that mean another size in the spec: those of a shared level, on another input."""
        for name, value in node.arguments.items() if written is not None else ():
            sizes = value if isinstance(value, list) else [value]
            its = written.arguments.get(name, value)
            its_sizes = its if isinstance(its, list) else [its]
            for mine, other in zip(sizes, its_sizes, strict=False):
                if not isinstance(mine, str) or not isinstance(other, str | int):
                    continue
                if not is_same_size(mine, other, self._domains):
                    message = f"`{mine}` is not expressible here: a module with one text computes `{other}`"
                    yield Violation((*location, name), "not_expressible", message)

    def _edges(
        self, mine: list[GraphEdge], its: list[GraphEdge], location: Location
    ) -> Iterator[Violation]:
        """Edges by their sources: named inputs may come in any order."""
        inferred = {(edge.node, edge.result): edge for edge in its}
        for k, edge in enumerate(mine):
            its_edge = inferred.get((edge.node, edge.result))
            if its_edge is not None:
                yield from self.of(edge, its_edge, (*location, k))

    def _lists(
        self, mine: list[Any], its: list[Any], location: Location, *, is_inferred: bool
    ) -> Iterator[Violation]:
        if is_inferred and len(mine) != len(its):
            yield _otherwise(location, its)
            return
        if mine and isinstance(mine[0], GraphEdge):
            yield from self._edges(mine, its, location)
            return
        is_shape = location[-1] == "shape"
        for k, (a, b) in enumerate(zip(mine, its, strict=False)):
            if isinstance(a, BaseModel) and isinstance(b, BaseModel):
                yield from self.of(a, b, (*location, k))
            elif is_inferred and a != b and not (is_shape and is_same_size(a, b, self._domains)):
                yield _otherwise((*location, k), b)


def _miswired(node: GraphNode, written: Any, location: Location) -> Iterator[Violation]:
    """A node with a different meaning in the spec: a safeguard against building a wrong module."""
    message = f"`{node.path}` is not expressible in the language: its inputs are ambiguous"
    if written is None:
        yield Violation(location, "not_expressible", message)
        return
    mine, its = ([(e.node, e.result) for e in part.inputs] for part in (node, written))
    if sorted(mine) != sorted(its):
        yield Violation((*location, "inputs"), "not_expressible", message)


def _otherwise(location: Location, value: object) -> Violation:
    shown = f"`{value}`" if isinstance(value, str) else str(value)
    return Violation(location, "inferred_otherwise", f"netspec infers {shown}")
