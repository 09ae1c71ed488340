"""The reads of a box that edges do not show: results, counts, order, and shared weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from netspec.graph import Level, Node, Value
from netspec.graph.typed_graph import Outputs
from netspec.render.box import Box
from netspec.render.folding import Reader


class Reads:
    """Writes notes to the boxes of a scene.

    Without a note, a box reads the first result of every box that an edge comes from, once each, in the order in
    which they are drawn.
    """

    def __init__(
        self,
        leaves: Sequence[Box],
        edges: Sequence[tuple[Box, Box]],
        box_of: Mapping[Reader, Box],
        last_of: Mapping[Box, Level],
    ) -> None:
        self.leaves, self.box_of = leaves, box_of
        self.last_of = last_of
        """The level of the last iteration that a folded box represents, by the `id` of the box."""
        self.order = {leaf: k for k, leaf in enumerate(leaves)}
        self.sources: dict[Box, set[Box]] = {}
        for source, target in edges:
            self.sources.setdefault(target, set()).add(source)

    def note(self) -> None:
        """Set the reads of every box."""
        for box in self.leaves:
            origin = box.origin
            if origin is None or box.kind in ("input", "output"):
                continue
            if note := self._inputs(box, origin):
                box.reads.append(f"from {note}")
            box.reads += _weights(origin)

    def note_outputs(self, outputs: Outputs) -> None:
        """Write to the outputs of the network which results they are, and their place in a tuple."""
        drawn = [(self.box_of["output", k], v) for k, v in enumerate(outputs.values)]
        made = [self.box_of.get(v.node) for v in outputs.values]
        moved = outputs.kind == "tuple" and not self._rises(made)
        for k, ((box, value), source) in enumerate(zip(drawn, made, strict=True)):
            name = self._result(value, source) if source is not None else ""
            if source is not None and name and not box.name.endswith(f".{name}"):
                box.reads.append(f"from {source.full_name}.{name}")
            if moved:
                box.reads.append(f"result {k + 1} of {len(drawn)}")

    def _inputs(self, box: Box, origin: Node | Level) -> str:
        """The reads of a box, in order; empty if its edges show them."""
        values = origin.inputs if isinstance(origin, Node) else origin.outer_inputs
        sources = [self.box_of.get(value.node) for value in values]
        known = [source for source in sources if source is not None]
        if len(known) < len(sources):  # what an error has lost
            return ""
        results = [self._result(v, source) for v, source in zip(values, known, strict=True)]
        read = [(source, name) for source, name in zip(known, results, strict=True)]
        names = _input_names(origin)
        reads_around = isinstance(origin, Level) and bool(self.sources.get(box, set()) - set(known))
        in_order = _is_orderless(origin) or self._rises(known)
        plain = in_order and not any(results) and len(set(read)) == len(read)
        if plain and not names and not reads_around:
            return ""
        texts = [
            f"{source.full_name}.{name}" if name else source.full_name
            for source, name in zip(known, results, strict=True)
        ]
        if names:
            texts = [f"{name} {text}" for name, text in zip(names, texts, strict=True)]
        return ", ".join(texts)

    def _rises(self, boxes: Sequence[Box | None]) -> bool:
        """Whether boxes are drawn in this order."""
        places = [self.order[box] for box in boxes if box is not None]
        return all(a <= b for a, b in pairwise(places))

    def _result(self, value: Value, box: Box) -> str:
        """The name of a result; empty for the first one of a box."""
        names: Sequence[str]
        if isinstance(box.origin, Level):
            level = self.last_of.get(box, box.origin)
            outputs, names = level.outputs, level.output_names
            number = next((k for k, made in enumerate(outputs) if made.source is value.source), 0)
        else:
            layer = value.node.layer
            outputs, names = value.node.outputs, layer.results if layer is not None else ()
            number = value.source.index  # a node can have thousands of results: no search
        if not number:
            return ""
        return names[number] if len(names) == len(outputs) and names[number] else str(number)


def _input_names(origin: Node | Level) -> tuple[str, ...]:
    """The names of the inputs of a call, if they are not the first ones of its layer."""
    return origin.layer.taken if isinstance(origin, Node) and origin.layer is not None else ()


def _is_orderless(origin: Node | Level) -> bool:
    """Whether the order of its inputs does not matter, as that of a sum."""
    return isinstance(origin, Node) and origin.layer is not None and origin.layer.orderless


def _weights(origin: Node | Level) -> list[str]:
    """Whose weights a node or level uses."""
    owner = origin.owner
    if isinstance(origin, Node):
        tied = [
            f"{mine or 'table'} is {f'{node.path}.{its}' if its else node.path}"
            for mine, node, its in origin.ties
        ]
        if not isinstance(owner, Node) or not owner.parameters:
            return tied
        return [f"weights of {owner.path}", *tied]
    return [f"weights of {owner.path}"] if owner is not None else []
