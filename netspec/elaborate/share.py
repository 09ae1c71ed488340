"""`share`: the same step again, or single parameters tied to another's."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Help, Label, did_you_mean
from netspec.dims import is_symbolic
from netspec.document import Mapping, Scalar, TextNode
from netspec.elaborate.call_arguments import Values
from netspec.elaborate.references import References
from netspec.elaborate.scope import BodyScope
from netspec.graph.named_weights import named_weights
from netspec.graph.nodes import Environment, Level, Value, unrolled
from netspec.graph.nodes import Node as GraphNode
from netspec.graph.source_spans import step_span
from netspec.layer.base import Layer
from netspec.similar_words import closest
from netspec.syntax import Spec

Flow = tuple[Value, ...]


class Sharing:
    """Assigns owners to nodes and levels, and compares the sizes of shared ones."""

    def __init__(self, values: Values, references: References) -> None:
        self.values = values
        self.references = references

    def own(self, mine: GraphNode | Level, owner: GraphNode | Level, place: TextNode) -> None:
        """Let `mine` use the weights of `owner`."""
        if isinstance(mine, GraphNode) and isinstance(owner, GraphNode):
            self._own_node(mine, owner, place)
            return
        assert isinstance(mine, Level)
        assert isinstance(owner, Level)
        mine.owner = owner.owner or owner
        ours, theirs = list(mine.nodes()), list(owner.nodes())
        if [n.op for n in ours] != [n.op for n in theirs]:
            self.values.error(
                Code.SHARED,
                f"`{owner.path}` has different steps for this input, so it cannot be shared",
                place,
                "shared here",
                "a condition or count inside it depends on the input size",
            )
            return
        for node, other in zip(ours, theirs, strict=True):
            if len(node.outputs) != len(other.outputs) or _differ(node.layer, other.layer):
                self.values.error(
                    Code.SHARED,
                    f"`{owner.path}` computes different arguments for this input, so it "
                    "cannot be shared",
                    place,
                    "shared here",
                    f"`{other.path}` differs between the inputs",
                )
                return
            self._own_node(node, other, place)
        if self._reads_the_same(mine, owner, place) and not wired_alike(mine, owner):
            self.values.error(
                Code.SHARED,
                f"`{owner.path}` has a different graph for this input, so it cannot be shared",
                place,
                "shared here",
                "a `from` or a condition inside it depends on the shape of the input",
            )

    def _reads_the_same(self, mine: Level, owner: Level, place: TextNode) -> bool:
        """Compare the enclosing steps that two uses of a level read."""
        from netspec.graph.captures import captures

        captured: dict[Level, tuple[Value, ...]] = {}
        captures(owner, captured)
        captures(mine, captured)
        ours, theirs = captured[mine], captured[owner]
        if ours == theirs:
            return True
        if any(v.shape is None for v in (*ours, *theirs)):
            return False
        self.values.error(
            Code.SHARED,
            f"`{owner.path}` reads different outer steps in this use, so it cannot be shared",
            place,
            f"reads {_names(ours)} here and {_names(theirs)} there, in addition to its input",
            "make it a block with several inputs, and pass them with `from`",
        )
        return False

    def _own_node(self, mine: GraphNode, owner: GraphNode, place: TextNode) -> None:
        mine.owner = owner.owner or owner
        if mine.outputs[0].shape is None or owner.outputs[0].shape is None:
            return
        assert mine.layer is not None
        assert owner.layer is not None
        ours, theirs = _held(mine.layer, mine), _held(owner.layer, owner)
        for name, shape in ours.items():
            if theirs.get(name) != shape:
                self.values.diagnostics.add(
                    Diagnostic(
                        Code.SHARED,
                        f"`{mine.path}` requires `{name}` with shape {list(shape)}, but in "
                        f"`{owner.path}` it has {list(theirs.get(name, ()))}",
                        place.span,
                        "shares the weights",
                        (Label(step_span(owner), "owner of the weights"),),
                        (
                            f"`{mine.path}` receives {_shapes(mine)}; `{owner.path}` receives "
                            f"{_shapes(owner)}",
                        ),
                        path=mine.path,
                    )
                )
                return

    def tie(self, mine: GraphNode, share: Mapping, frame: BodyScope, env: Environment) -> None:
        """Tie single parameters: `share: {weight: wte.weight}`."""
        ties = []
        for key, node in share.entries:
            tied = self._tied(mine, key, node, frame, env)
            if tied is not None:
                ties.append((key.text, *tied))
        mine.ties = tuple(ties)

    def _tied(
        self, mine: GraphNode, key: Scalar, node: TextNode, frame: BodyScope, env: Environment
    ) -> tuple[GraphNode, str] | None:
        text = self.references.text(node, frame, env)
        if text is None or mine.layer is None or mine.outputs[0].shape is None:
            return None
        head, _, parameter = text.rpartition(".")
        itself = frame.find(text)
        if (
            itself is not None
            and isinstance(itself.maker, GraphNode)
            and "" in _weights(itself.maker)
        ):
            head, parameter = text, ""  # a `Parameter`'s name is the parameter's
        owner = self._owner(head, text, node, frame)
        if owner is None:
            return None
        mine_shape = self._shape(mine, key.text, key)
        its_shape = self._shape(owner, parameter, node)
        if mine_shape is None or its_shape is None:
            return None
        for tied, whose, its in owner.ties:
            if tied == parameter:
                owner, parameter = whose, its
        if mine_shape != its_shape:
            self.values.diagnostics.add(
                Diagnostic(
                    Code.SHARED,
                    f"`{mine.path}.{key.text}` has the shape {list(mine_shape)},"
                    f" but `{text}` has {list(its_shape)}",
                    node.span,
                    "cannot be tied",
                    (Label(step_span(owner), f"`{parameter or text}` is declared here"),),
                    helps=(Help("tied parameters must have the same shape"),),
                    path=mine.path,
                )
            )
            return None
        return owner, parameter

    def _owner(self, head: str, text: str, node: TextNode, frame: BodyScope) -> GraphNode | None:
        """The node that `head` refers to: the step of a layer, or an output of a group or block."""
        result = frame.find(head)
        if result is not None and isinstance(result.maker, GraphNode):
            result.used += 1
            return result.maker.owner or result.maker
        outer, _, output = head.rpartition(".")
        holder = frame.find(outer) if outer else None
        value = (holder.named or {}).get(output) if holder is not None else None
        if holder is not None and value is not None:
            holder.used += 1
            return value.node.owner or value.node
        self.references.unresolved.parameter(head, text, node, frame)
        return None

    def _shape(self, node: GraphNode, parameter: str, place: TextNode) -> tuple[int, ...] | None:
        if node.layer is None or node.outputs[0].shape is None:
            return None
        shapes = named_weights(node.layer, node)
        if parameter not in shapes:
            has, suggestion = ", ".join(shapes) or "none", closest(parameter, shapes)
            head, dot, _ = place.span.text.rpartition(".")
            self.values.error(
                Code.UNKNOWN_REFERENCE,
                f"`{node.path}` ({node.op}) has no parameter `{parameter}`",
                place,
                "unknown parameter",
                did_you_mean(f"{head}{dot}{suggestion}")
                if suggestion
                else f"its parameters are: {has}",
            )
            return None
        return shapes[parameter]


def shares_steps(file: Spec) -> bool:
    """Whether a step of a file is another step again, and not only tied to parameters of one."""
    return any(isinstance(step.share, Scalar) for step in file.walk())


def wired_alike(mine: Level, owner: Level) -> bool:
    """Whether two levels have the same data flow between their inputs."""
    counterparts: dict[Value, Value] = {}
    return _enter_alike(mine, owner, counterparts)


def _enter_alike(mine: Level, owner: Level, counterparts: dict[Value, Value]) -> bool:
    """Whether two levels have the same structure; records which value of `mine` corresponds to one of `owner`."""
    _pair(mine.inputs, owner.inputs, counterparts)
    ours, theirs = list(unrolled(mine.entries)), list(unrolled(owner.entries))
    if len(ours) != len(theirs):
        return False
    for entry, other in zip(ours, theirs, strict=True):
        if isinstance(entry, Level) and isinstance(other, Level):
            if not _same(entry.outer_inputs, other.outer_inputs, counterparts):
                return False
            if not _enter_alike(entry, other, counterparts):
                return False
        elif isinstance(entry, GraphNode) and isinstance(other, GraphNode):
            if not _same(entry.inputs, other.inputs, counterparts):
                return False
            _pair(entry.outputs, other.outputs, counterparts)
        else:
            return False
    return _same(mine.outputs, owner.outputs, counterparts)


def _pair(mine: Flow, its: Flow, counterparts: dict[Value, Value]) -> None:
    counterparts.update((v, own) for own, v in zip(mine, its, strict=True))


def _same(mine: Flow, its: Flow, counterparts: dict[Value, Value]) -> bool:
    """Whether these are counterparts; a value from around both levels is its own."""
    return len(mine) == len(its) and all(
        counterparts.get(v, v) is own for own, v in zip(mine, its, strict=True)
    )


def _weights(node: GraphNode) -> dict[str, tuple[int, ...]]:
    return named_weights(node.layer, node) if node.layer is not None and node.known else {}


def _names(values: tuple[Value, ...]) -> str:
    return " and ".join(dict.fromkeys(f"`{v.node.path}`" for v in values)) or "nothing"


def _differ(a: Layer | None, b: Layer | None) -> bool:
    """Whether two uses of a step have different arguments; sizes computed at run time may differ."""
    if a is None or b is None or a is b:
        return False
    pairs = [(getattr(a, name), getattr(b, name)) for name in a.arguments]
    return any(x != y and not (waits(x) or waits(y)) for x, y in pairs)


def waits(value: object) -> bool:
    """Whether an argument is, or holds, a size that is only known at run time."""
    return is_symbolic(value) or (isinstance(value, tuple) and any(map(is_symbolic, value)))


def _held(layer: Layer, node: GraphNode) -> dict[str, tuple[int, ...]]:
    """The state of the layer's module for this input: its weights, and statistics without any."""
    return {**named_weights(layer, node), **layer.buffers(*node.shapes)}


def _shapes(node: GraphNode) -> str:
    return ", ".join(f"[{', '.join(map(str, s))}]" for s in node.shapes)
