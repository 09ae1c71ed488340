"""Elaborates a whole spec: parameters, inputs, steps, outputs, and conditions on sizes."""

from __future__ import annotations

from netspec import layers
from netspec.diagnostics import (
    Code,
    Diagnostic,
    Diagnostics,
    Help,
    Phase,
    Severity,
    SpecError,
    did_you_mean,
)
from netspec.dims import Domain, Shape, Size, symbols
from netspec.document import TextNode
from netspec.elaborate.catalog import Catalog
from netspec.elaborate.declared_shapes import is_in_another_notation, read_size
from netspec.elaborate.interpreter import Interpreter
from netspec.elaborate.parameter_settings import (
    NO_BODY,
    Settings,
    file_parameters,
)
from netspec.elaborate.paths import Names, invalid_name
from netspec.elaborate.recursion import recursive_blocks
from netspec.elaborate.scope import BodyScope, Reader
from netspec.elaborate.skipped_steps import look_at_left_out
from netspec.elaborate.validity import conclude
from netspec.expr import UNKNOWN
from netspec.graph.nodes import Level, Node, Value
from netspec.graph.typed_graph import Graph, Outputs
from netspec.limits import MOST_ADVICE, RUN
from netspec.similar_words import closest
from netspec.syntax import Dimension, Respelling, Spec


def elaborate(
    spec: Spec,
    diagnostics: Diagnostics,
    settings: Settings | None = None,
    preset: str | None = None,
    respelling: Respelling | None = None,
    catalog: Catalog | None = None,
) -> Graph | None:
    """The typed graph of a spec; None for a library, or for an incomplete file."""
    known = {name: domain(dim) for name, dim in spec.dims.items() if dim.declared}
    interpreter = Interpreter(
        diagnostics, known, {} if respelling is None else respelling, catalog or Catalog()
    )
    under_way = RUN.set(interpreter.values.budget)
    try:
        return _elaborated(spec, interpreter, settings or {}, preset)
    finally:
        RUN.reset(under_way)
        if (around := RUN.get()) is not None:
            around.advice -= MOST_ADVICE - interpreter.values.budget.advice


def _elaborated(
    spec: Spec, interpreter: Interpreter, settings: Settings, preset: str | None
) -> Graph | None:
    _check_blocks(spec, interpreter)
    interpreter.blocks.recursive = recursive_blocks(spec, interpreter.values)
    try:
        env = file_parameters(spec, interpreter, settings, preset)
        graph = _network(spec, interpreter, env) if spec.body is not None else None
        _unused_blocks(spec, interpreter)
        look_at_left_out(spec, interpreter.ran, interpreter.values)
    except SpecError as error:
        for diagnostic in error.diagnostics:
            interpreter.diagnostics.add(diagnostic)
        return None
    _report_idle(interpreter)
    return graph


def _report_idle(interpreter: Interpreter) -> None:
    """Report the unused steps, unless an unresolved reference may refer to one."""
    if not any(
        d.severity == Severity.ERROR and d.phase < Phase.SHAPES for d in interpreter.diagnostics
    ):
        for diagnostic in interpreter.idle:
            interpreter.diagnostics.add(diagnostic)


def domain(dim: Dimension) -> Domain:
    """The bounds that `dims` declares for a symbol."""
    return Domain.between(dim.least, dim.most).intersect(Domain.multiple_of(dim.multiple_of))


def _network(spec: Spec, interpreter: Interpreter, env: dict[str, object]) -> Graph | None:
    assert spec.body is not None
    if not spec.inputs:
        if not interpreter.diagnostics.failed:
            interpreter.values.error(
                Code.MISSING_KEY,
                "a spec with a `body` requires `inputs`",
                spec.root.key("inputs") or spec.root.key("body") or spec.root,
                "no input",
                "add `inputs: {image: [N, 3, H, W]}`",
            )
        return None
    root = Level("", "", None, None)
    root.env = env
    inputs = _inputs(spec, interpreter, env, root)
    interpreter.symbols = {name for v in inputs for size in v.shape or () for name in symbols(size)}
    if all(value.shape is not None for value in inputs):
        _undeclared(spec, interpreter)
    root.outer_inputs = root.inputs = inputs
    frame = BodyScope(root, inputs, spec, env, None, spec.body)
    frame.call_inputs(v.node.name for v in inputs)
    interpreter.body(spec.body, frame, env, root.entries)
    values, names, kind = interpreter.finish(frame, spec.outputs)
    _unread_inputs(spec, frame, interpreter)
    root.outputs, root.output_names = values, names
    graph = Graph(spec.name, inputs, root, interpreter.nodes, Outputs(values, kind, names))
    conclude(graph, spec, interpreter)
    return graph


# ---- inputs -------------------------------------------------------------------------------------


def _inputs(
    spec: Spec, interpreter: Interpreter, env: dict[str, object], root: Level
) -> tuple[Value, ...]:
    """The values that enter the network."""
    frame = BodyScope(root, (), spec, env, None, NO_BODY)
    reader = Reader(frame, env, (), {})
    values = []
    for declared in spec.inputs:
        why = invalid_name(declared.name)
        if why and not why.startswith("torch"):
            from netspec.diagnosis.input_names import other_name

            message = f"an input cannot be named `{declared.name}`"
            helps = (other_name(spec, declared),)
            interpreter.diagnostics.add(
                Diagnostic(Code.BAD_NAME, message, declared.place.span, why, helps=helps)
            )
        node = Node(declared.name, "input", root)
        node.place = declared.shape
        items: list[TextNode] | None = declared.shape.items  # type: ignore[attr-defined]
        if any(is_in_another_notation(item, env) for item in items or ()):
            from netspec.elaborate.size_notations import with_symbols

            items = with_symbols(declared, items or [], spec, env, interpreter.diagnostics)
        sizes = [
            _at_least_one(item, reader, interpreter)
            for item in (items if items is not None else (None,))
        ]
        shape: Shape | None = tuple(s for s in sizes if s is not None)
        if shape is not None and len(shape) != len(sizes):
            shape = None
        value = Value(node, 0, shape, declared.dtype)
        node.outputs = (value,)
        values.append(value)
    return tuple(values)


def _unread_inputs(spec: Spec, frame: BodyScope, interpreter: Interpreter) -> None:
    """Take down the inputs that nothing reads, of several: a caller passes them without effect."""
    for declared, result in zip(spec.inputs, frame.entering, strict=True):
        if not result.used and len(spec.inputs) > 1:
            interpreter.idle.append(
                Diagnostic(
                    Code.UNUSED,
                    f"the input `{declared.name}` is never used",
                    declared.place.span,
                    "unused input",
                    helps=(Help(f"use it with `from: {declared.name}`, or remove it"),),
                    severity=Severity.WARNING,
                )
            )


def _at_least_one(item: TextNode | None, reader: Reader, interpreter: Interpreter) -> Size | None:
    if item is None:
        return None
    size = read_size(item, reader, interpreter.values)
    if isinstance(size, int) and size < 1:
        interpreter.values.error(
            Code.BAD_VALUE, "a size of an input must be at least 1", item, "not a size"
        )
        return None
    return size


def _undeclared(spec: Spec, interpreter: Interpreter) -> None:
    """Report entries of `dims` for symbols that no input has."""
    used = interpreter.symbols or set()
    for name, dim in spec.dims.items():
        if name not in used:
            suggestion = closest(name, used)
            interpreter.values.error(
                Code.UNKNOWN_NAME,
                f"no input has the size `{name}`",
                dim.place,
                "unknown symbol",
                did_you_mean(suggestion)
                if suggestion
                else f"the symbols are: {', '.join(sorted(used)) or 'none'}",
                name=name,
            )


def _check_blocks(spec: Spec, interpreter: Interpreter) -> None:
    """Report blocks whose names are ambiguous."""
    for name, block in spec.blocks.items():
        layer = layers.find(name)
        if layer is not None and layer.since <= spec.version:
            interpreter.values.error(
                Code.BAD_NAME,
                f"a block cannot be named `{name}`: it is the name of a layer",
                block.place,
                "name of a layer",
                f"rename it, for example to `My{name}`",
            )
        elif not name or "." in name:
            why = "a dot refers to a block of a used file" if name else "empty"
            interpreter.values.error(
                Code.BAD_NAME, f"a block cannot be named `{name}`", block.place, why
            )


def _unused_blocks(spec: Spec, interpreter: Interpreter) -> None:
    """Walk the blocks that nothing used, on inputs of unknown shape, for the mistakes in them."""
    interpreter.blocks.looked_at = looked_at = set()
    for block in spec.blocks.values():
        if any(step in interpreter.ran for step in block.body.steps):
            continue
        looked_at.add(block)
        scratch = Level(block.name, block.name, None, None, block)
        names = [n.text for n in block.inputs] or ["input"]
        env: dict[str, object] = {}
        for name, parameter in block.parameters.items():
            has_value = parameter.default is not None
            env[name] = interpreter.blocks.default(block, name, env) if has_value else UNKNOWN
        inputs = tuple(Value(Node(n, "input", scratch), 0, None, "float32") for n in names)
        frame = BodyScope(scratch, inputs, spec, env, None, block.body)
        frame.call_inputs(names)
        interpreter.nodes, interpreter.names = [], Names(interpreter.diagnostics)
        interpreter.blocks.active.append(block)
        interpreter.body(block.body, frame, env, scratch.entries)
        interpreter.finish(frame, block.outputs)
        interpreter.blocks.active.pop()
