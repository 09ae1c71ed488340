"""Applies one layer to its inputs: validates arguments, infers shapes, explains errors."""

from __future__ import annotations

from typing import Any, NamedTuple

from netspec.diagnostics import Code, Diagnostic
from netspec.dims import Shape, Size
from netspec.elaborate.call_arguments import Values
from netspec.elaborate.custom_layer_errors import broken, is_own, validate_result
from netspec.elaborate.op_value import OpValue, call_key
from netspec.elaborate.run_limits import spend_steps
from netspec.elaborate.scope import Reader
from netspec.expr import UNKNOWN
from netspec.graph.conditions import Conditions
from netspec.graph.nodes import Node, Value
from netspec.layer.argument_kinds import InvalidValueError
from netspec.layer.base import Layer
from netspec.layer.shape_rules import ShapeError
from netspec.layers.elements import integer_helps, misfit
from netspec.syntax import LANGUAGE, Spec, Step

Inferred = tuple[Shape, ...]

_REPORTED_NODES = 32
"""Nodes of one step whose diagnostics are written; there is one for all, but they may differ."""
_LARGEST = 10**15


class Contradiction(NamedTuple):
    """A declared size, and the one that the input decides."""

    argument: str
    declared: int
    size: Size


class Application:
    """Constructs layers from steps and nodes from layers, and caches both."""

    def __init__(self, values: Values, conditions: Conditions) -> None:
        self.values = values
        self.conditions = conditions
        self._made: dict[object, Layer] = {}
        self._reported: dict[tuple[object, ...], tuple[Diagnostic, int]] = {}
        """The last diagnostic on each mistake of a step, and for how many of its nodes there is one."""
        self._cached_layers: dict[Step, tuple[OpValue, Layer]] = {}
        """The layer of a step that computes none of its arguments: the same in every use."""
        self._shapes: dict[Shape, Shape] = {}
        """Interned shapes, which can be compared by identity."""
        self._inferred: dict[
            tuple[object, ...], tuple[Layer, tuple[Shape | None, ...], Inferred]
        ] = {}
        """Cached outputs, by the identities of layer and shapes, which stay alive, and by unusual dtypes."""

    # ---- the layer -----------------------------------------------------------------------------

    def layer(self, step: Step, op: OpValue, reader: Reader, file: Spec) -> Layer | None:
        """The layer of a step, with evaluated arguments; None if one is invalid or unknown."""
        cached = self._cached_layers.get(step)
        if cached is not None and cached[0] is op:
            return cached[1]
        asked, reader.asked = reader.asked, False
        layer = self._layer(step, op, reader, file)
        if not reader.asked and layer is not None:
            self._cached_layers[step] = op, layer
        reader.asked = reader.asked or asked
        return layer

    def _layer(self, step: Step, op: OpValue, reader: Reader, file: Spec) -> Layer | None:
        definition = op.definition
        assert isinstance(definition, type)
        if definition.later and file.version < LANGUAGE:
            self._later_arguments(step, definition, file)
        written = self.values.call_arguments(definition, step.arguments, reader, file, step)
        arguments = {**op.arguments, **written} if op.arguments else written
        unknown = [k for k, v in arguments.items() if v is UNKNOWN]
        known = {k: v for k, v in arguments.items() if v is not UNKNOWN} if unknown else arguments
        partial = bool(unknown)
        key = None if partial else call_key(definition, known)
        made = self._made.get(key)
        if made is None:
            made = self._make(step, definition, known, reader, partial=partial)
            if made is not None and key is not None:
                self._made[key] = made
        return None if unknown else made

    def _later_arguments(self, step: Step, definition: type[Layer], file: Spec) -> None:
        """Report, once for each file, arguments that a later version of the language than its own introduced."""
        for key, _ in step.arguments:
            if key.text in definition.later:
                self.values.require_later(key.text, Code.UNKNOWN_ARGUMENT, key, file)

    def wrong_arguments(
        self, step: Step, definition: type[Layer], reader: Reader, file: Spec
    ) -> None:
        """Report the arguments that a layer does not accept, but not the missing ones."""
        written = self.values.call_arguments(definition, step.arguments, reader, file, step)
        known = {k: v for k, v in written.items() if v is not UNKNOWN}
        self._make(step, definition, known, reader, partial=True)

    def _make(
        self,
        step: Step,
        definition: type[Layer],
        known: dict[str, object],
        reader: Reader,
        *,
        partial: bool,
    ) -> Layer | None:
        """Construct the layer, or report its errors; for a partial call only those of single arguments."""
        if partial:
            known = {k: v for k, v in known.items() if not _accepts(definition, k, v)}
            if not known:
                return None
        made, errors = definition.make(known)
        if errors:
            from netspec.elaborate.argument_reports import report_argument
        for error in errors:
            if not partial or error.name in known:
                report_argument(self.values, step, error, reader)
        return made

    # ---- the node ------------------------------------------------------------------------------

    def infer(self, node: Node) -> None:
        """Give a node its outputs, with their shapes inferred."""
        layer, inputs = node.layer, node.inputs
        shapes: tuple[Any, ...]
        shapes = (inputs[0].shape,) if len(inputs) == 1 else tuple([v.shape for v in inputs])
        dtypes = [v.dtype for v in inputs]
        dtype = dtypes[0] if dtypes else "float32"
        if layer is None or None in shapes:
            count = len(layer.results) if layer is not None else 1
            node.outputs = tuple(Value(node, k, None, dtype) for k in range(count))
            return
        key: tuple[object, ...] = (layer, *map(id, shapes))
        if dtypes.count("float32") != len(dtypes):
            key = (*key, *dtypes)
        known = self._inferred.get(key)
        inferred = known[2] if known else self._infer(node, layer, shapes, key)
        if (
            inferred is not None
            and layer.inputs[1:] == ("indices",)
            and layer.category == "pooling"
        ):
            inferred = self._come_back(node, layer, inferred)
        if inferred is None:
            node.outputs = tuple(Value(node, k, None, dtype) for k in range(len(layer.results)))
        elif len(inferred) == 1:
            node.outputs = (Value(node, 0, inferred[0], layer.result_dtype(dtypes, shapes)),)
        else:
            if node.place is not None:
                spend_steps(self.values.budget, len(inferred) - 1, node.place)
            node.outputs = tuple(
                Value(node, k, s, layer.result_dtype(dtypes, shapes, k))
                for k, s in enumerate(inferred)
            )

    def _infer(
        self, node: Node, layer: Layer, shapes: Inferred, key: tuple[object, ...]
    ) -> Inferred | None:
        conditions = self.conditions
        conditions.set_location(node.place, node.path)
        before = conditions.mark()
        contradicted: list[Contradiction] = []
        try:
            _elements(node, layer, shapes)
            contradicted = self._contradicted(node, layer, shapes)
            _order(node)
            shape = layer.infer(conditions, *shapes)
            inferred = tuple(shape) if isinstance(shape, list) else (shape,)
            if is_own(layer):
                validate_result(layer, inferred, shapes)
            _bounded(inferred)
            inferred = tuple(self._one(conditions.simplified(s)) for s in inferred)
        except ShapeError as error:
            conditions.back_to(before)
            self._reject_contradicted(node, contradicted, error)
            return None
        except Exception as error:
            conditions.back_to(before)
            if isinstance(error, OverflowError) and not is_own(layer):
                self.reject(
                    node, ShapeError(Code.BOUNDS, "the sizes exceed the limits of the checker")
                )
                return None
            if not is_own(layer):
                raise
            self.reject(node, broken(layer, error))
            return None
        for each in contradicted:
            self._mismatch(node, each)
        if contradicted:
            from netspec.diagnosis.declared_size import has_other_layout

            return None if has_other_layout(node, contradicted) else inferred
        self._inferred[key] = layer, shapes, inferred
        return inferred

    def _come_back(self, node: Node, layer: Layer, inferred: Inferred) -> Inferred | None:
        """Compare an unpool with the input of the pool that its indices come from."""
        from netspec.layers.unpool import MaxUnpool

        assert isinstance(layer, MaxUnpool)
        indices = node.inputs[1]
        pool = indices.node.layer
        if pool is None or not getattr(pool, "return_indices", False) or not indices.node.known:
            return inferred
        self.conditions.set_location(node.place, node.path)
        before = self.conditions.mark()
        try:
            source = indices.node
            layer.hold(
                self.conditions, source.shapes[0], node.shapes[1], inferred[0], pool, source.path
            )
        except ShapeError as error:
            self.conditions.back_to(before)
            self.reject(node, error)
            return None
        return inferred

    def _one(self, shape: Shape) -> Shape:
        return self._shapes.setdefault(shape, shape)

    def _contradicted(self, node: Node, layer: Layer, shapes: Inferred) -> list[Contradiction]:
        """Arguments in the spec that contradict the inputs."""
        contradictions = []
        for argument, size in layer.inferred_arguments(*shapes).items():
            declared = getattr(layer, argument, None)
            if not isinstance(declared, int) or isinstance(size, tuple):
                continue
            if _is_misread(node, argument, declared, size) or not self.conditions.equal(
                size, declared
            ):
                contradictions.append(Contradiction(argument, declared, size))
        return contradictions

    def _reject_contradicted(
        self, node: Node, contradicted: list[Contradiction], error: ShapeError
    ) -> None:
        """Report a shape error and the contradictions found with it, unless one explains the other."""
        if error.code == Code.RANK:
            contradicted = []
        for each in contradicted:
            self._mismatch(node, each)
        if contradicted:
            from netspec.diagnosis.declared_size import explains

            if explains(node, contradicted):
                return
        self.reject(node, error)

    def reject(self, node: Node, error: ShapeError) -> None:
        """Report a shape error."""
        from netspec.diagnosis.layer_error import shape_diagnostic
        from netspec.diagnosis.squeeze import behind_rejection

        mistake = (node.step, error.code, error.argument, error.axes)
        if not self._is_counted(mistake):
            cause = behind_rejection(node, error, self.conditions.known)
            self._add(mistake, shape_diagnostic(*(cause or (node, error)), self.values.budget))

    def _mismatch(self, node: Node, contradiction: Contradiction) -> None:
        """Report a declared size that the input contradicts."""
        from netspec.diagnosis.declared_size import mismatch
        from netspec.diagnosis.layer_error import shape_diagnostic
        from netspec.diagnosis.squeeze import behind_declared_size

        argument, declared, _ = contradiction
        mistake = (node.step, argument)
        if self._is_counted(mistake):
            return
        cause = behind_declared_size(node, argument, declared, self.conditions.known)
        self._add(
            mistake,
            shape_diagnostic(*cause, self.values.budget)
            if cause
            else mismatch(node, *contradiction),
        )

    def _is_counted(self, mistake: tuple[object, ...]) -> bool:
        """Whether a mistake was reported for so many nodes of its step that this one is only counted.

        The nodes of one step have one diagnostic, and a loop may have 100,000 of them.
        """
        reported = self._reported.get(mistake)
        if reported is None or reported[1] < _REPORTED_NODES:
            return False
        self.values.diagnostics.count_again(reported[0])
        return True

    def _add(self, mistake: tuple[object, ...], diagnostic: Diagnostic) -> None:
        self.values.diagnostics.add(diagnostic)
        _, count = self._reported.get(mistake, (diagnostic, 0))
        self._reported[mistake] = diagnostic, count + 1


def _is_misread(node: Node, argument: str, declared: int, size: Size) -> bool:
    """Whether a declared size that is compared with an open one is that of another dimension."""
    if isinstance(size, int):
        return False
    from netspec.diagnosis.declared_size import decider
    from netspec.diagnosis.wrong_dimension import is_misread

    return is_misread(node, declared, *decider(node, argument))


def _accepts(definition: type[Layer], name: str, value: object) -> bool:
    try:
        definition.arguments[name].kind.accept(value)
    except InvalidValueError:
        return False
    return True


def _elements(node: Node, layer: Layer, shapes: Inferred) -> None:
    """Reject inputs whose elements are not of the kind that the layer works on."""
    dtypes = [v.dtype for v in node.inputs]
    wrong = misfit(layer, dtypes)
    if wrong is None:
        layer.check_dtypes(dtypes, shapes)
        return
    value = node.inputs[wrong.place]
    declared = value.node.layer is None and wrong.declare
    helps = [
        f"declare the input with `dtype: {wrong.declare}`: `{{shape: …, dtype: {wrong.declare}}}`"
    ]
    if not declared:
        helps = integer_helps(layer, value.dtype) if value.node.layer is None else []
    raise ShapeError(
        Code.DTYPE, f"{wrong.message}, but `{value.node.path}` has {value.dtype}", helps=helps
    )


def _order(node: Node) -> None:
    """Reject matrices that match at one size of an open dimension only, and at all sizes once transposed."""
    if node.op != "MatMul":
        return
    from netspec.diagnosis.untransposed import untransposed

    if (error := untransposed(node)) is not None:
        raise error


def _bounded(shapes: Inferred) -> None:
    """Reject sizes that no tensor has."""
    for shape in shapes:
        for size in shape:
            if type(size) is int and size > _LARGEST:
                raise ShapeError(Code.BOUNDS, f"a size of {size:.3g} exceeds the limit of PyTorch")
