"""A graph model as the text of a spec: levels become groups, edges become references.

A level that is shared and has several inputs becomes a block. Where a name would mean something else inside a
group, an empty group gives the value a second name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from netspec.elaborate import Catalog
from netspec.layer.base import Function
from netspec.schema.graph.exports import Exports
from netspec.schema.graph.graph_model import GraphEdge, GraphLevel, GraphModel, GraphNode
from netspec.schema.graph.join_writer import JoinWriter
from netspec.schema.graph.layer_lookup import (
    argument_value,
    has_expression,
    language_version,
    layer_class,
    number_of_formula,
)
from netspec.schema.graph.level_tree import (
    ROOT,
    LevelInput,
    LevelTree,
    Output,
    Source,
)
from netspec.schema.graph.marked_text import Location, Marked, MarkedText
from netspec.schema.graph.results_read import ResultsRead
from netspec.schema.graph.spec_header import header
from netspec.schema.graph.step_layout import StepText, write_steps
from netspec.schema.graph.visible_names import FreshNames, NotExpressibleError, VisibleBody


def write_spec(model: GraphModel, catalog: Catalog) -> MarkedText:
    """The text of a well-formed model. Raises `NotExpressibleError`."""
    return SpecWriter(model, catalog).text()


class SpecWriter:
    """Writes the bodies of a spec, the levels of a graph from the root down."""

    def __init__(self, model: GraphModel, catalog: Catalog) -> None:
        self.model, self.catalog = model, catalog
        self.tree = LevelTree(model)
        self.exports = Exports(self.tree)
        self.results = ResultsRead(self.tree, catalog)
        self.fresh = FreshNames(model)
        self.written: set[str] = set()
        """The nodes and levels that are branches of a join before their place."""
        self.blocks: dict[str, dict[str, object]] = {}
        self.block_bodies: dict[str, list[StepText]] = {}
        self.block_of: dict[str, list[Source]] = {}
        """The inputs of a block beyond those of its level, by the path of the level."""
        self.node_at = {node.path: node for node in model.nodes}
        self._joins = JoinWriter(self)
        self.level_position = {level.path: k for k, level in enumerate(model.levels)}

    def text(self) -> MarkedText:
        """The whole file."""
        model = self.model
        body = VisibleBody(ROOT, None, self.fresh)
        self._enter_network(body)
        self._write_entries(body)
        outputs = self._network_outputs(body)
        text = MarkedText()
        version = max((language_version(node.op) for node in model.nodes), default=1)
        text.write(f"netspec: {version}\n")
        for key, value in header(model, self.catalog).items():
            text.write_entry(key, value)
            text.write("\n")
        if self.blocks:
            text.write("blocks:\n")
        for name, block in self.blocks.items():
            text.write(f"  {name}:\n")
            for key, value in block.items():
                text.write("    ")
                text.write_entry(key, value)
                text.write("\n")
            text.write("    body:\n")
            write_steps(text, self.block_bodies[name], 6)
        text.write("body:\n" if model.nodes else "body: []\n")
        write_steps(text, body.steps, 2)
        if outputs is not None:
            text.write_entry("outputs", outputs)
            text.write("\n")
        return text

    def _enter_network(self, body: VisibleBody) -> None:
        for tensor in self.model.inputs:
            body.define(Output(tensor.name, 0), tensor.name)
        body.previous = Output(self.model.inputs[0].name, 0)
        for tensor in self.model.inputs:
            if any(entry == tensor.name for entry in self.tree.entries[ROOT]):
                body.rename(Output(tensor.name, 0))

    def _network_outputs(self, body: VisibleBody) -> object:
        outputs = self.model.outputs
        sources = [self.tree.source(edge) for edge in outputs.values]
        if outputs.kind == "one" and sources == [body.previous]:
            return None
        references = _references(sources, body, ("outputs", "values"))
        location: Location = ("outputs",)
        if outputs.kind == "one":
            return Marked(references[0], location)
        if outputs.kind == "tuple":
            return Marked(references, location)
        return Marked(dict(zip(outputs.names, references, strict=True)), location)

    # ---- bodies -----------------------------------------------------------------------------------

    def _write_entries(self, body: VisibleBody) -> None:
        for path in self.tree.entries[body.level]:
            if path not in self.written:
                self.write_entry(path, body)

    def write_entry(self, path: str, body: VisibleBody) -> None:
        """Write a node, or a level with its contents, as the next step of a body."""
        if path in self.tree.levels and path != body.level:
            self._write_level(self.tree.levels[path], body)
        else:
            self._write_node(self.node_at[path], body)

    def _write_node(self, node: GraphNode, body: VisibleBody) -> None:
        location: Location = ("nodes", self.tree.position[node.path])
        name = node.path.rpartition(".")[2]
        entries = self.call(node, body, location)
        inputs = self._inputs(node, body, location)
        if inputs is not None:
            entries["from"] = Marked(inputs, (*location, "inputs"))
        self.append_node(StepText(name, location, entries), node, body)

    def append_node(self, step: StepText, node: GraphNode, body: VisibleBody) -> None:
        """Append the step of a node, with its other declarations."""
        if node.checkpoint:
            step.entries["checkpoint"] = Marked(True, (*step.location, "checkpoint"))
        if node.doc:
            step.entries["doc"] = Marked(node.doc, (*step.location, "doc"))
        layer = layer_class(node, self.catalog)
        results = self.results.of(node, self._original(node))
        body.append(step, node.path, results, flows=layer is None or layer.flows)

    def call(self, node: GraphNode, body: VisibleBody, location: Location) -> dict[str, object]:
        """The op with its arguments, or the node that it shares."""
        if node.shares is not None and not self._is_another_call(node):
            shared = body.step(node.shares, (*location, "shares"))
            return {"share": Marked(shared, (*location, "shares"))}
        entries: dict[str, object] = {"op": Marked(node.op, (*location, "op"))}
        entries |= self._arguments(node, body, location)
        if node.ties:
            entries["share"] = Marked(self._ties(node, body, location), (*location, "ties"))
        return entries

    def _is_another_call(self, node: GraphNode) -> bool:
        """Whether a shared function is a step of its own: there is no module, and its sizes may be others here."""
        layer = layer_class(node, self.catalog)
        if layer is None or not issubclass(layer, Function):
            return False
        has_sizes = has_expression(layer, node.arguments)
        return has_sizes or node.arguments != self._original(node).arguments

    def _original(self, node: GraphNode) -> GraphNode:
        return self.node_at[node.shares] if node.shares is not None else node

    def _inputs(self, node: GraphNode, body: VisibleBody, location: Location) -> object:
        """The value of `from`; None if it can be omitted."""
        sources = [self.tree.read_by(node, k) for k in range(len(node.inputs))]
        layer = layer_class(self._original(node), self.catalog)
        if not sources:
            takes_nothing = layer is not None and not layer.inputs and not layer.variadic
            return None if takes_nothing else []
        names = [edge.input for edge in node.inputs]
        if len(sources) == 1 and names == [None] and body.previous == sources[0]:
            return None
        references = _references(sources, body, (*location, "inputs"))
        if any(names):
            return {
                name or str(k): r for k, (name, r) in enumerate(zip(names, references, strict=True))
            }
        return references[0] if len(references) == 1 else references

    def _ties(self, node: GraphNode, body: VisibleBody, location: Location) -> Mapping[str, object]:
        ties: dict[str, object] = {}
        for position, tie in enumerate(node.ties):
            place = (*location, "ties", position)
            owner = self._owner(tie.node, body, (*place, "node"))
            ties[tie.parameter] = Marked(f"{owner}.{tie.of}" if tie.of else owner, place)
        return ties

    def _owner(self, path: str, body: VisibleBody, location: Location) -> str:
        """The reference to a node whose parameter is tied: its step, or an output of a level."""
        try:
            return body.step(path, location)
        except NotExpressibleError:
            return body.reference(Output(path, 0), location)

    def _arguments(
        self, node: GraphNode, body: VisibleBody, location: Location
    ) -> dict[str, object]:
        layer = layer_class(node, self.catalog)
        arguments: dict[str, object] = {}
        for name, value in node.arguments.items():
            place = (*location, "arguments", name)
            size = partial(self._size, node, body, place)
            written = (
                number_of_formula(value, size)
                if node.op.startswith("=")
                else argument_value(layer, name, value, size)
            )
            arguments[name] = Marked(written, place)
        return arguments

    def _size(self, node: GraphNode, body: VisibleBody, location: Location, symbol: str) -> str:
        """The expression for a symbol: a size of an input of the step, or of the network."""
        for position, edge in enumerate(node.inputs):
            axis = self._axis(symbol, edge, [use.inputs[position] for use in self.tree.uses(node)])
            if axis is not None:
                tensor = "x" if len(node.inputs) == 1 else f"x[{position}]"
                return f"{tensor}.size({axis})"
        for tensor_input in self.model.inputs:
            if symbol in tensor_input.shape:
                source = Output(tensor_input.name, 0)
                reference = body.reference(source, location, identifier=True)
                return f"{reference}.size({tensor_input.shape.index(symbol)})"
        return symbol

    def _axis(self, symbol: str, edge: GraphEdge, uses: list[GraphEdge]) -> int | None:
        """The axis of an input that has a size; counted from the end if only that holds for all uses."""
        shape = self._shape(self.tree.source(edge))
        other_ranks = {len(self._shape(self.tree.source(use))) for use in uses} - {len(shape)}
        if symbol not in shape:
            return None
        axis = shape.index(symbol)
        is_from_end = bool(other_ranks) and axis >= min(other_ranks)
        return axis - len(shape) if is_from_end else axis

    def _shape(self, output: Output) -> list[int | str]:
        for tensor in self.model.inputs:
            if tensor.name == output.path:
                return tensor.shape
        outputs = self.node_at[output.path].outputs or []
        return outputs[output.result].shape if output.result < len(outputs) else []

    # ---- levels -----------------------------------------------------------------------------------

    def _write_level(self, level: GraphLevel, body: VisibleBody) -> None:
        location: Location = ("levels", self.level_position[level.path])
        name = level.path.rpartition(".")[2]
        sources = [self.tree.read_by_level(level.path, k) for k in range(len(level.inputs))]
        entries: dict[str, object] = {}
        steps: list[StepText] | None = None
        if level.shares is not None:
            entries["share"] = Marked(
                body.step(level.shares, (*location, "shares")), (*location, "shares")
            )
            sources += self.block_of.get(level.shares, [])
        elif level.path in self.tree.sharers and len(sources) > 1:
            entries["op"] = self._block(level, name, location)
            sources += self.block_of[level.path]
        else:
            sources = sources[:1] or self._first_read(level)
            if self._joins.write(level, sources, body):
                return
            steps, outputs = self._group(level, sources, body, location)
            if outputs is not None:
                entries["outputs"] = outputs
        if sources and not (len(sources) == 1 and body.previous == sources[0]):
            references = _references(sources, body, (*location, "inputs"))
            value = references[0] if len(references) == 1 else references
            entries = {"from": Marked(value, (*location, "inputs")), **entries}
            if "op" in entries:
                entries = {"op": entries.pop("op"), **entries}
        if level.checkpoint:
            entries["checkpoint"] = Marked(True, (*location, "checkpoint"))
        if level.doc:
            entries["doc"] = Marked(level.doc, (*location, "doc"))
        named = self.exports.has_names(level.path)
        exports = self.exports.of(level.path)
        results: dict[Source, str] = {
            output: out if named else "" for output, out in exports.items()
        }
        body.append(StepText(name, location, entries, steps), level.path, results, flows=True)

    def _first_read(self, level: GraphLevel) -> list[Source]:
        """The default input of a level: the first value from outside that a node reads."""
        for node in self.tree.below[level.path]:
            for position, edge in enumerate(node.inputs):
                if not self.tree.is_inside(edge.node, level.path):
                    return [self.tree.read_by(node, position)]
        return []

    def _group(
        self, level: GraphLevel, sources: list[Source], body: VisibleBody, location: Location
    ) -> tuple[list[StepText], object]:
        inner = VisibleBody(level.path, body, self.fresh)
        if sources:
            entering = LevelInput(level.path, 0) if level.path in self.tree.sharers else sources[0]
            inner.define(entering, "input")
            inner.previous = entering
        self._write_entries(inner)
        return inner.steps, self._level_outputs(level, inner, location)

    def _block(self, level: GraphLevel, name: str, location: Location) -> str:
        """Declare a block for a level; returns its name."""
        block = self.fresh.name(f"Shared{name.capitalize()}" if name.isidentifier() else "Shared")
        inner = VisibleBody(level.path, None, self.fresh)
        inner.captured = self.block_of.setdefault(level.path, [])
        names = [self.fresh.name(f"in{k}") for k in range(len(level.inputs))]
        for position, input_name in enumerate(names):
            inner.define(LevelInput(level.path, position), input_name)
        inner.previous = LevelInput(level.path, 0)
        inner.input_names = names
        self._write_entries(inner)
        outputs = self._level_outputs(level, inner, location)
        self.blocks[block] = {"inputs": inner.input_names}
        if outputs is not None:
            self.blocks[block]["outputs"] = outputs
        self.block_bodies[block] = inner.steps
        return block

    def _level_outputs(self, level: GraphLevel, inner: VisibleBody, location: Location) -> object:
        exports = self.exports.of(level.path)
        if not exports or (not self.exports.has_names(level.path) and inner.previous in exports):
            return None
        references = {name: inner.reference(output, location) for output, name in exports.items()}
        if self.exports.has_names(level.path):
            return Marked(references, location)
        return Marked(next(iter(references.values())), location)


def _references(sources: Sequence[Source], body: VisibleBody, location: Location) -> list[Marked]:
    """The references to several values, each marked with its item of the field at `location`."""
    return [
        Marked(body.reference(source, (*location, place)), (*location, place))
        for place, source in enumerate(sources)
    ]
