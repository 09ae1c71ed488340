"""Edits of the text that change one step: an argument set, or another step put in before it."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Names
from collections.abc import Sequence as Items

from netspec.diagnostics import Edit, Source, Span
from netspec.document import Mapping, Scalar, Sequence, TextNode, parse, splices
from netspec.expr import LoopItem
from netspec.graph.nodes import Node
from netspec.graph.source_spans import around
from netspec.syntax import Step

Argument = str | int | list[int]


def makes_several(node: Node) -> bool:
    """Whether its step makes several nodes that may differ: in a block, or in a loop."""
    return bool(around(node.level)) or any(isinstance(v, LoopItem) for v in node.env.values())


def set_arguments(node: Node, arguments: Names[str, Argument]) -> tuple[Edit, ...]:
    """The edits that write these arguments into a node's step; none where an expression is in the way."""
    step = node.step
    if step is None or step.op is None or step.op.source.name.endswith(".json"):
        return ()
    details = _details(step)
    source = step.op.source
    if details is None:  # `ReLU`, or `name: ReLU`
        if not isinstance(step.op, Scalar) or step.op.span.text != step.op.text:
            return ()
        listed = ", ".join(f"{k}: {_shown(v)}" for k, v in arguments.items())
        return (Edit(step.op.span, f"{{op: {step.op.text}, {listed}}}"),)
    edits = []
    new = []
    for name, value in arguments.items():
        written = details.get(name)
        if written is None:
            new.append(f"{name}: {_shown(value)}")
        elif _is_literal(written):
            edits.append(Edit(written.span, _shown(value)))
        else:
            return ()
    if new:
        edits.append(_added(details, new, source))
    return tuple(edits)


def without_argument(node: Node, name: str) -> tuple[Edit, ...]:
    """The edit that takes an argument out of a node's step; none where that is not written out."""
    return without_key(node.step, name) if node.step is not None else ()


def renamed_op(node: Node, op: str) -> tuple[Edit, ...]:
    """The edit that calls another layer; none where an argument may have one number for each axis."""
    step = node.step
    if step is None or not isinstance(step.op, Scalar) or step.op.span.text != node.op:
        return ()
    if any(not isinstance(value, Scalar) for _, value in step.arguments):
        return ()
    return (Edit(step.op.span, op),)


def read_inputs(step: Step, inputs: tuple[str, ...]) -> tuple[Edit, ...]:
    """The edits that move inputs which a step gives as arguments into its `from`, in their order."""
    details = _details(step)
    as_arguments = {key.text: value for key, value in step.arguments if key.text in inputs}
    if details is None or not all(isinstance(v, Scalar) for v in as_arguments.values()):
        return ()
    first = step.source
    if first is not None and not isinstance(first, Scalar):
        return ()
    others = [name for name in inputs if name not in as_arguments]
    sources = {name: value.span.text for name, value in as_arguments.items()}
    if len(others) > 1 or (first is not None and not others):
        return ()
    for name in others:
        sources[name] = first.span.text if first is not None else "previous"
    remaining, *removed = (["from"] if first is not None else []) + list(as_arguments)
    key, value = next((k, v) for k, v in details.entries if k.text == remaining)
    listed = f"from: [{', '.join(sources[name] for name in inputs)}]"
    edits = [Edit(Span(key.source, key.start, value.end), listed)]
    for name in removed:
        splice = splices.without_key(details, name)
        edits += [_edit(splice, key.source)] if splice is not None else []
    return tuple(edits) if len(removed) < 2 else ()


def step_before(node: Node, op: str, arguments: Names[str, Argument]) -> tuple[Edit, ...]:
    """The edits that put a step before a node's, on the way of its one input; none where that is no list."""
    return steps_before(node.step, [(op, arguments)]) if node.step is not None else ()


def steps_before(
    step: Step, new_steps: Items[tuple[str, Names[str, Argument]]]
) -> tuple[Edit, ...]:
    """The edits that put steps before another one, on the way of its one input; none where that is no list."""
    source = step.node.source
    step_list = list_of(step) if not source.name.endswith(".json") else None
    if step_list is None:
        return ()
    body, k = step_list
    reference = step.source
    edits: list[Edit] = []
    (op, arguments), *others = new_steps
    if isinstance(reference, Scalar) and reference.text != "previous":
        arguments = {"from": reference.text, **arguments}
        edits.append(Edit(reference.span, "previous"))
    elif reference is not None and not isinstance(reference, Scalar):
        return ()
    texts = [step_text(op, arguments), *(step_text(*other) for other in others)]
    return (*edits, inserted_steps(body, k, texts))


def inserted_steps(body: Sequence, k: int, texts: Items[str]) -> Edit:
    """The edit that puts steps before item `k` of a list."""
    inserts = [splices.inserted(body, k, text) for text in texts]
    start, end, _ = inserts[0]
    return Edit(Span(body.source, start, end), "".join(text for _, _, text in inserts))


def joined_before(step: Step, op: str) -> tuple[Edit, ...]:
    """The edits that join the inputs of a step in a step before it; none where `from` is not a list."""
    step_list = list_of(step) if not step.node.source.name.endswith(".json") else None
    if step_list is None or not isinstance(step.source, Sequence):
        return ()
    body, k = step_list
    text = f"{{op: {op}, from: {step.source.span.text}}}"
    return Edit(step.source.span, "previous"), inserted_steps(body, k, [text])


def without_key(step: Step, name: str) -> tuple[Edit, ...]:
    """The edit that takes a key or an argument out of a step; none where that is not written out."""
    details = _details(step) if step.op is not None else None
    splice = splices.without_key(details, name) if details is not None else None
    return (_edit(splice, details.source),) if details is not None and splice is not None else ()


def step_text(op: str, arguments: Names[str, Argument]) -> str:
    """A step as it is written.

    >>> step_text("Flatten", {}), step_text("Flatten", {"start_dim": 2})
    ('Flatten', '{op: Flatten, start_dim: 2}')
    """
    listed = "".join(f", {name}: {_shown(value)}" for name, value in arguments.items())
    return f"{{op: {op}{listed}}}" if arguments else op


def _details(step: Step) -> Mapping | None:
    """The braces or lines of the arguments of a step."""
    for node in _mappings(step.node):
        if step.op is not None and node.get("op") is step.op:
            return node
    return None


def _mappings(node: TextNode) -> Iterator[Mapping]:
    if isinstance(node, Mapping):
        yield node
        if len(node.entries) == 1:
            yield from _mappings(node.entries[0][1])


def _added(details: Mapping, entries: list[str], source: Source) -> Edit:
    """New arguments behind those that are there: after the last one, or after the op."""
    start, end, text = splices.inserted(details, splices.count(details), entries[0])
    broken = "\n" in text
    margin = text[: text.rindex(entries[0])] if broken else ", "
    return _edit((start, end, text + "".join(f"{margin}{e}" for e in entries[1:])), source)


def list_of(step: Step) -> tuple[Sequence, int] | None:
    """The list that a step is an item of, and its place there; read again, because steps do not store it."""
    source = step.node.source
    return _listed(source, step.node)


def _listed(source: Source, step: TextNode) -> tuple[Sequence, int] | None:
    root = parse(source.text, source.name).root
    waiting: list[TextNode] = [root] if root is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            for k, item in enumerate(node.items):
                if (item.start, item.end) == (step.start, step.end) or _begins(item, step):
                    return node, k
            waiting += node.items
        elif isinstance(node, Mapping):
            waiting += [value for _, value in node.entries]
    return None


def _begins(item: TextNode, step: TextNode) -> bool:
    """Whether an item of a list is that step: `name: {…}` begins with its name."""
    return isinstance(item, Mapping) and item.start == step.start


def _is_literal(node: TextNode) -> bool:
    if isinstance(node, Scalar):
        return not isinstance(node.value, str) or node.text in ("same", "valid")
    return isinstance(node, Sequence) and all(map(_is_literal, node.items))


def _shown(value: Argument) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _edit(splice: splices.Splice, source: Source) -> Edit:
    start, end, text = splice
    return Edit(Span(source, start, end), text)
