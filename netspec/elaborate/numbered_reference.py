"""A step that is referred to by its number, as in other formats: `from: -2`, `from: [-1, 6]`."""

from __future__ import annotations

import re
from bisect import bisect_right

from netspec.diagnostics import Edit, Help, Span, did_you_mean
from netspec.document import Mapping, Sequence, TextNode, splices
from netspec.elaborate.scope import BodyScope
from netspec.limits import RUN
from netspec.syntax import Step

_NUMBER = re.compile(r"-?\d{1,6}")
_RANK = re.compile(r"[123]d$")


def numbered_reference(text: str, node: TextNode, frame: BodyScope) -> str | Help | None:
    """The help for a reference that is a number; None for any other.

    A negative number counts back from the step that reads, as `-1` for the previous step; any other is the
    place in the body.
    """
    if _NUMBER.fullmatch(text) is None:
        return None
    if text == "-1":
        return did_you_mean("previous")
    steps = frame.body.steps
    own = max(bisect_right(steps, node.start, key=lambda s: s.node.start) - 1, 0)
    number = int(text)
    target = own + number if number < 0 else number
    if own and target == -1:
        return Help("did you mean `input`?", (Edit(node.span, "input"),), safe=False)
    if not 0 <= target < own:
        return "name the step: only a named step can be referred to"
    step = steps[target]
    if step.fixed is not None:
        return Help(f"did you mean `{step.fixed}`?", (Edit(node.span, step.fixed),), safe=False)
    line = step.place.span.line
    text = f"only a named step can be referred to: name the step on line {line}"
    run = RUN.get()
    if run is not None and not run.has_advice(len(steps)):
        return text
    if step.name is not None or step.each is not None or step.repeat is not None:
        return text
    name = _unused_name(step, frame)
    edit = _naming(step, name, frame.body.node)
    return Help(
        f"{text} `{name}`" if edit is not None else text,
        () if edit is None else (edit, Edit(node.span, name)),
        safe=False,
    )


def _unused_name(step: Step, frame: BodyScope) -> str:
    """A name for a step after its op, which nothing here has."""
    op = step.op.text.rpartition(".")[2] if step.op is not None else "group"
    base = re.sub(r"\W", "_", _RANK.sub("", op)).lower()
    taken = {*frame.names(), *frame.env, *frame.body.steps_by_name(), "x", "i", "input", "previous"}
    base = base if base[:1].isalpha() else "step"
    return next(n for k in range(len(taken) + 2) if (n := f"{base}{k or ''}") not in taken)


def _naming(step: Step, name: str, body: TextNode) -> Edit | None:
    """The edit that gives a step a name; None for a file in JSON."""
    node, source = step.node, step.node.source
    if source.name.endswith(".json") or not isinstance(body, Sequence):
        return None
    if isinstance(node, Mapping | Sequence) and not splices.is_flow(node):
        text = source.text
        indent = f"{splices.newline(text)}{' ' * splices.column(text, node.start)}"
        start = f"name: {name}" if isinstance(node, Mapping) else f"{name}:"
        return Edit(Span(source, node.start, node.start), f"{start}{indent}")
    if splices.is_flow(body):
        return Edit(node.span, f"{{{name}: {node.span.text}}}")
    return Edit(Span(source, node.start, node.start), f"{name}: ")
