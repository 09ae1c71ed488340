"""One layer applied to its inputs: arguments accepted, shapes inferred, refusals explained."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Help
from netspec.dims import Shape, Size
from netspec.document import Node as Place
from netspec.elaborate.broken import broken, hold, is_own
from netspec.elaborate.conditions import Conditions
from netspec.elaborate.graph import Environment, Level, Node, Value
from netspec.elaborate.places import around
from netspec.elaborate.scope import Reader
from netspec.elaborate.values import OpValue, Values
from netspec.expr import UNKNOWN
from netspec.layers.base import ArgumentError, Layer, ShapeError
from netspec.layers.elements import misfit
from netspec.spec import Spec, Step

Inferred = tuple[Shape, ...]

_LARGEST = 10**15
_OF_ONE_ARGUMENT = (Code.UNKNOWN_ARGUMENT, Code.BAD_ARGUMENT, Code.NOT_FIXED)
"""What can be said of an argument although another one is not known."""


class Application:
    """Makes layers from steps and nodes from layers. What was made or inferred once is kept."""

    def __init__(self, values: Values, conditions: Conditions) -> None:
        self.values = values
        self.conditions = conditions
        self._made: dict[object, Layer] = {}
        self._kept: dict[int, tuple[OpValue, Layer]] = {}
        """The layer of a step that computes none of its arguments: the same in every use."""
        self._inferred: dict[object, Inferred] = {}

    # ---- the layer -----------------------------------------------------------------------------

    def layer(self, step: Step, op: OpValue, reader: Reader, file: Spec) -> Layer | None:
        """The layer of a step, its arguments evaluated; None where one is wrong or not known."""
        kept = self._kept.get(id(step))
        if kept is not None and kept[0] is op:
            return kept[1]
        asked, reader.asked = reader.asked, False
        layer = self._layer(step, op, reader, file)
        if not reader.asked and layer is not None:
            self._kept[id(step)] = op, layer
        reader.asked = reader.asked or asked
        return layer

    def _layer(self, step: Step, op: OpValue, reader: Reader, file: Spec) -> Layer | None:
        definition = op.definition
        assert isinstance(definition, type)
        written = self.values.call_arguments(definition, step.arguments, reader, file)
        arguments = {**op.arguments, **written} if op.arguments else written
        unknown = [k for k, v in arguments.items() if v is UNKNOWN]
        known = {k: v for k, v in arguments.items() if k not in unknown} if unknown else arguments
        partial = bool(unknown) or op.guessed
        key = None if partial else _key(definition, known)
        made = self._made.get(key) if key is not None else None
        if made is None:
            made = self._make(step, definition, known, reader.frame.level, partial=partial)
            if made is not None and key is not None:
                self._made[key] = made
        return None if unknown else made

    def _make(
        self,
        step: Step,
        definition: type[Layer],
        known: dict[str, object],
        level: Level,
        *,
        partial: bool,
    ) -> Layer | None:
        """The layer, or its errors reported; of a partial call nothing is missed."""
        made, errors = definition.make(known)
        for error in errors:
            if not partial or error.code in _OF_ONE_ARGUMENT:
                self._argument_error(step, error, level)
        return made

    def _argument_error(self, step: Step, error: ArgumentError, level: Level) -> None:
        at: Place = step.op or step.place
        for key, value in step.arguments:
            if key.text == error.name:
                at = key if error.code == Code.UNKNOWN_ARGUMENT else value
        helps = tuple(Help(h) for h in error.helps)
        self.values.findings.add(
            Diagnostic(
                error.code,
                error.message,
                at.span,
                error.label,
                helps=helps,
                path=level.child(step.title),
                frames=around(level),
            )
        )

    # ---- the node ------------------------------------------------------------------------------

    def node(
        self,
        step: Step,
        layer: Layer | None,
        op: str,
        inputs: tuple[Value, ...],
        name: str,
        level: Level,
        env: Environment,
    ) -> Node:
        """The node that applies `layer`, its outputs inferred."""
        node = Node(name, level.child(name), op, layer, inputs, step, level, env)
        shapes = tuple(v.shape for v in inputs)
        dtypes = [v.dtype for v in inputs]
        dtype = inputs[0].dtype if inputs else "float32"
        if layer is None or None in shapes:
            count = len(layer.results) if layer is not None else 1
            node.outputs = tuple(Value(node, k, None, dtype) for k in range(count))
            return node
        key = layer, shapes, *(d for d in dtypes if d != "float32")
        inferred = self._inferred.get(key)
        if inferred is None:
            inferred = self._infer(node, layer, tuple(s for s in shapes if s is not None), key)
        if inferred is None:
            node.outputs = tuple(Value(node, k, None, dtype) for k in range(len(layer.results)))
        elif len(inferred) == 1:
            node.outputs = (Value(node, 0, inferred[0], layer.dtype(*dtypes)),)
        else:
            node.outputs = tuple(
                Value(node, k, s, layer.dtype(*dtypes, result=k)) for k, s in enumerate(inferred)
            )
        return node

    def _infer(self, node: Node, layer: Layer, shapes: Inferred, key: object) -> Inferred | None:
        self.conditions.at(node.place, node.path)
        try:
            _elements(node, layer)
            agreed = self._given(node, layer, shapes)
            shape = layer.infer(self.conditions, *shapes)
            inferred = tuple(shape) if isinstance(shape, list) else (shape,)
            if is_own(layer):
                hold(layer, inferred, shapes)
            _bounded(inferred)
            inferred = tuple(self.conditions.simplified(s) for s in inferred)
        except ShapeError as error:
            self.refuse(node, error)
            return None
        except Exception as error:
            if not is_own(layer):
                raise
            self.refuse(node, broken(layer, error))
            return None
        except OverflowError:
            self.refuse(node, ShapeError(Code.BOUNDS, "the sizes become too large to follow"))
            return None
        if agreed:
            self._inferred[key] = inferred
        return inferred

    def _given(self, node: Node, layer: Layer, shapes: Inferred) -> bool:
        """Hold what the spec declares against what the input decides."""
        agreed = True
        for argument, size in layer.given(*shapes).items():
            declared = getattr(layer, argument, None)
            if not isinstance(declared, int) or isinstance(size, tuple):
                continue
            if not self.conditions.equal(size, declared):
                self._mismatch(node, argument, declared, size)
                agreed = False
        return agreed

    def refuse(self, node: Node, error: ShapeError) -> None:
        """Report a rule's refusal."""
        from netspec.elaborate.refusal import refusal

        self.values.findings.add(refusal(node, error))

    def _mismatch(self, node: Node, argument: str, declared: int, size: Size) -> None:
        """Report a declared size that the input contradicts."""
        from netspec.elaborate.refusal import mismatch

        self.values.findings.add(mismatch(node, argument, declared, size))


def _elements(node: Node, layer: Layer) -> None:
    """Refuse inputs whose elements are not of the kind that the layer works on."""
    wrong = misfit(layer, [v.dtype for v in node.inputs])
    if wrong is None:
        return
    value = node.inputs[wrong.place]
    declared = value.node.layer is None and wrong.declare
    mend = f"declare the input with `dtype: {wrong.declare}`"
    raise ShapeError(
        Code.DTYPE,
        f"{wrong.message}, but `{value.node.path}` gives {value.dtype}",
        helps=(f"{mend}: `{{shape: …, dtype: {wrong.declare}}}`",) if declared else (),
    )


def _bounded(shapes: Inferred) -> None:
    """Refuse sizes that no tensor has."""
    for shape in shapes:
        for size in shape:
            if type(size) is int and size > _LARGEST:
                raise ShapeError(Code.BOUNDS, f"a size of {size:.3g} is more than any tensor has")


def _key(definition: type[Layer], arguments: dict[str, object]) -> object:
    """What two equal calls share; None where an argument cannot be hashed."""
    key = (definition, tuple((k, _frozen(v)) for k, v in arguments.items()))
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _frozen(value: object) -> object:
    """The value as a key that tells `1` from `true` and `1.0`."""
    return tuple(_frozen(v) for v in value) if isinstance(value, list) else (value.__class__, value)
