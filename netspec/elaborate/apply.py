"""One layer applied to its inputs: arguments accepted, shapes inferred, refusals explained."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Help, Label, Span
from netspec.diagnostics import Frame as Around
from netspec.dims import Shape, Size
from netspec.document import Node as Place
from netspec.elaborate.conditions import Conditions
from netspec.elaborate.explain import argument_span, explain, reference_span
from netspec.elaborate.graph import Environment, Level, Node, Value
from netspec.elaborate.scope import Reader
from netspec.elaborate.values import OpValue, Values
from netspec.expr import UNKNOWN
from netspec.layers.base import ArgumentError, Layer, ShapeError
from netspec.spec import Spec, Step

Inferred = tuple[Shape, ...]

_LARGEST = 10**15


class Application:
    """Makes layers from steps and nodes from layers. What was made or inferred once is kept."""

    def __init__(self, values: Values, conditions: Conditions) -> None:
        self.values = values
        self.conditions = conditions
        self._made: dict[object, Layer] = {}
        self._kept: dict[int, tuple[OpValue, Layer]] = {}
        """The layer of a step that computes none of its arguments: the same in every use."""
        self._inferred: dict[tuple[Layer, tuple[Shape | None, ...]], Inferred] = {}

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
            path = reader.frame.level.child(step.title)
            made = self._make(step, definition, known, path, partial=partial)
            if made is not None and key is not None:
                self._made[key] = made
        return None if unknown else made

    def _make(
        self,
        step: Step,
        definition: type[Layer],
        known: dict[str, object],
        path: str,
        *,
        partial: bool,
    ) -> Layer | None:
        """The layer, or its errors reported; of a partial call nothing is missed."""
        made, errors = definition.make(known)
        for error in errors:
            if not (partial and error.code == Code.MISSING_ARGUMENT):
                self._argument_error(step, error, path)
        return made

    def _argument_error(self, step: Step, error: ArgumentError, path: str) -> None:
        at: Place = step.op or step.place
        for key, value in step.arguments:
            if key.text == error.name:
                at = key if error.code == Code.UNKNOWN_ARGUMENT else value
        helps = tuple(Help(h) for h in error.helps)
        self.values.findings.add(
            Diagnostic(error.code, error.message, at.span, error.label, helps=helps, path=path)
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
        dtype = inputs[0].dtype if inputs else "float32"
        if layer is None or None in shapes:
            count = len(layer.results) if layer is not None else 1
            node.outputs = tuple(Value(node, k, None, dtype) for k in range(count))
            return node
        inferred = self._inferred.get((layer, shapes))
        if inferred is None:
            inferred = self._infer(node, layer, tuple(s for s in shapes if s is not None))
        if inferred is None:
            node.outputs = tuple(Value(node, k, None, dtype) for k in range(len(layer.results)))
        elif len(inferred) == 1:
            node.outputs = (Value(node, 0, inferred[0], layer.dtype(*[v.dtype for v in inputs])),)
        else:
            dtypes = [v.dtype for v in inputs]
            node.outputs = tuple(
                Value(node, k, s, layer.dtype(*dtypes, result=k)) for k, s in enumerate(inferred)
            )
        return node

    def _infer(self, node: Node, layer: Layer, shapes: Inferred) -> Inferred | None:
        self.conditions.at(node.place, node.path)
        try:
            agreed = self._given(node, layer, shapes)
            shape = layer.infer(self.conditions, *shapes)
            inferred = tuple(shape) if isinstance(shape, list) else (shape,)
            _bounded(inferred)
            inferred = tuple(self.conditions.simplified(s) for s in inferred)
        except ShapeError as error:
            self.refuse(node, error)
            return None
        except OverflowError:
            self.refuse(node, ShapeError(Code.BOUNDS, "the sizes become too large to follow"))
            return None
        if agreed:
            self._inferred[layer, shapes] = inferred
        return inferred

    def _given(self, node: Node, layer: Layer, shapes: Inferred) -> bool:
        """Hold what the spec declares against what the input decides."""
        agreed = True
        for argument, size in layer.given(*shapes).items():
            declared = getattr(layer, argument, None)
            if declared is not None and not self.conditions.equal(size, declared):
                self._mismatch(node, argument, declared, size)
                agreed = False
        return agreed

    def refuse(self, node: Node, error: ShapeError) -> None:
        """Report a rule's refusal, with the places that the clashing sizes come from."""
        span = argument_span(node, error.argument) if error.argument else None
        labels: list[Label] = []
        notes = list(error.notes)
        for index, axis in error.axes:
            value = node.inputs[index]
            explanation = explain(value, axis)
            if sum_ := explanation.arithmetic():
                notes.append(f"{sum_} in `{value.node.path}`")
            labels.extend(explanation.labels())
        if span is None and error.axes and len(node.inputs) > 1:
            span = reference_span(node, error.axes[-1][0])
        flows = ", ".join(_flow(v) for v in node.inputs if v.shape is not None)
        self.values.findings.add(
            Diagnostic(
                error.code,
                f"`{_title(node)}`: {error.message}",
                span or _place(node),
                error.label,
                tuple(labels),
                (*notes, f"`{_title(node)}` gets {flows}") if flows else tuple(notes),
                tuple(Help(h) for h in error.helps),
                path=node.path,
                frames=around(node.level),
            )
        )

    def _mismatch(self, node: Node, argument: str, declared: object, size: Size) -> None:
        """The flagship: a declared size that the input contradicts, with the arithmetic behind it."""
        layer = node.layer
        assert layer is not None and isinstance(declared, int)
        source = node.inputs[0]
        axis = _given_axis(layer, argument, source)
        explanation = explain(source, axis)
        code = Code.FEATURES if argument == "in_features" else Code.INFERRED
        what = argument.removeprefix("in_").removeprefix("num_")
        span = argument_span(node, argument) or _place(node)
        notes = []
        if sum_ := explanation.arithmetic():
            verb = "concatenates" if explanation.kind == "sum" else "multiplies"
            joiner = explanation.joiner.path if explanation.joiner else ""
            notes.append(
                f"{sum_}: `{joiner}` {verb} {_counted(len(explanation.terms), 'branch')}"
                if explanation.kind == "sum"
                else f"{sum_}, made by `{joiner}`"
            )
        helps = [Help(f"set `{argument}: {size}`, or leave it out: it is inferred")]
        if explanation.kind == "sum" and isinstance(size, int):
            helps.extend(_what_would_fit(explanation.terms, declared - size))
        self.values.findings.add(
            Diagnostic(
                code,
                f"`{_title(node)}` declares `{argument}: {declared}`, but `{_from(source)}` gives it {size} {what}",
                span,
                f"declared {declared}, inferred {size}",
                explanation.labels(),
                tuple(notes),
                tuple(helps),
                path=node.path,
                frames=around(node.level),
            )
        )


def _bounded(shapes: Inferred) -> None:
    """Refuse sizes that no tensor has."""
    for shape in shapes:
        for size in shape:
            if type(size) is int and size > _LARGEST:
                raise ShapeError(Code.BOUNDS, f"a size of {size:.3g} is more than any tensor has")


def around(level: Level) -> tuple[Around, ...]:
    """The blocks that a level is inside of, outermost first."""
    found = []
    at: Level | None = level
    while at is not None:
        if at.block is not None and at.step is not None:
            found.append(Around(at.path, at.step.place.span))
        at = at.parent
    return tuple(reversed(found))


def _given_axis(layer: Layer, argument: str, source: Value) -> int:
    """The axis of the input that decides an argument: the one the layer names, or the last."""
    shape = source.shape
    assert shape is not None
    size = layer.given(shape)[argument]
    candidates = [k for k, s in enumerate(shape) if s is size or s == size]
    return (
        candidates[-1]
        if argument.endswith("features") and len(shape) == 2
        else candidates[0 if len(candidates) == 1 else _channel(candidates)]
    )


def _channel(candidates: list[int]) -> int:
    return candidates.index(1) if 1 in candidates else 0


def _what_would_fit(terms: tuple[object, ...], missing: int) -> list[Help]:
    """Changes of one term that would make the sum come out right."""
    helps = []
    seen = set()
    for term in terms:
        size, path = term.size, term.title  # type: ignore[attr-defined]
        where = (size, term.span and (term.span.start, term.span.end))  # type: ignore[attr-defined]
        if not isinstance(size, int) or size + missing < 1 or where in seen:
            continue
        seen.add(where)
        if sum(1 for t in terms if t.span == term.span) > 1:  # type: ignore[attr-defined]
            continue
        helps.append(f"`{path}` to {size + missing}")
    if not helps:
        return []
    too = f"{abs(missing)} too {'few' if missing > 0 else 'many'}"
    return [Help(f"or make the branches add up (now {too}): e.g. change {' or '.join(helps[-2:])}")]


def _counted(count: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"


def _title(node: Node) -> str:
    return node.path


def _from(value: Value) -> str:
    return value.node.path


def _flow(value: Value) -> str:
    assert value.shape is not None
    return f"[{', '.join(map(str, value.shape))}] from `{value.node.path}`"


def _place(node: Node) -> Span:
    assert node.place is not None
    return node.place.span


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
