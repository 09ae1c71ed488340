"""A mapping of several keys that is not a step: most often arguments that are not indented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.diagnostics import Code, Diagnostic, Edit, Help, Label, Span
from netspec.document import Entry, Mapping, Scalar, Sequence, TextNode
from netspec.similar_words import closest
from netspec.syntax.keys import respelled_key
from netspec.syntax.missing_op import reserved_name
from netspec.syntax.model import Body, Step
from netspec.syntax.step_keys import (
    KINDS,
    RESERVED,
    is_null,
    is_word_for_op,
)

if TYPE_CHECKING:
    from netspec.syntax.steps import StepReader


def misplaced(steps: StepReader, node: Mapping) -> Step:
    """A mapping of several keys that is not a step: most often arguments that are not indented."""
    if not node.entries:
        steps.error(Code.BAD_STEP, "a step requires an op", node, "this is empty")
        return Step(node, node)
    (first, value), rest = node.entries[0], node.entries[1:]
    unnamed = first.text in RESERVED or not is_null(value)
    if unnamed and any(
        is_word_for_op(key, value) or closest(key.text, KINDS) for key, value in node.entries
    ):
        return steps.details(node, node, None)
    if first.text in RESERVED and not rest and _like_a_step(value):
        steps.diagnostics.add(reserved_name(first, value))
        return steps.named(first, value, node)
    if first.text in RESERVED:
        steps.error(
            Code.BAD_STEP,
            "a step requires an `op` or a `body`",
            first,
            "",
            "write a step as an op, `name: op`, `{op: …, …}` or a list of steps",
        )
        return Step(node, node)
    if not is_null(value) and all(_like_a_step(v) for _, v in rest):
        return _several(steps, node)
    _unindented(steps, node, indented=is_null(value))
    if is_null(value):
        return steps.named(first, Mapping(node.source, rest[0][0].start, node.end, rest), node)
    return steps.named(
        first,
        Mapping(node.source, value.start, node.end, ((respelled_key(first, "op"), value), *rest)),
        node,
    )


def _several(steps: StepReader, node: Mapping) -> Step:
    """Steps that are one item of the list, although each is intended as one of its own."""
    (first, _), (second, _) = node.entries[:2]
    steps.error(
        Code.BAD_STEP,
        f"`{first.text}` and `{second.text}` are two steps in one item",
        second,
        "a second step",
        f"write each step as an item: `- {second.text}: …`",
    )
    step = Step(node, node)
    step.each = ()
    step.body = Body(tuple([steps.branch(k, v) for k, v in node.entries]), node)
    return step


def _unindented(steps: StepReader, node: Mapping, *, indented: bool) -> None:
    (first, value), rest = node.entries[0], node.entries[1:]
    how = (
        "indent these keys deeper than the name above"
        if indented
        else f"write `{first.text}: {{op: …, {rest[0][0].text}: …}}`"
    )
    edits = _indent(node, rest) if indented else _under_name(node, first, value)
    steps.diagnostics.add(
        Diagnostic(
            Code.BAD_STEP,
            f"the arguments of `{first.text}` are not under it",
            Span(node.source, rest[0][0].start, node.end),
            f"at the level of the name `{first.text}`",
            (Label(first.span, "the step's name"),),
            helps=(Help(how, edits),),
        )
    )


def _like_a_step(node: TextNode) -> bool:
    """Whether a value looks like the value of a step's name."""
    return isinstance(node, Mapping | Sequence) or (
        isinstance(node, Scalar) and isinstance(node.value, str) and node.text[:1].isupper()
    )


def _under_name(node: Mapping, name: Scalar, op: TextNode) -> tuple[Edit, ...]:
    """The edits that make a step from a name, its op, and the arguments at the level of the name."""
    source = node.source
    if source.text.startswith("{", node.start):
        opened = Edit(Span(source, op.start, op.start), "{op: ")
        return opened, Edit(Span(source, node.end - 1, node.end - 1), "}")
    indent = name.start - (source.text.rfind("\n", 0, name.start) + 1) + 2
    colon = source.text.index(":", name.end) + 1
    op_line = Edit(Span(source, colon, op.start), f"\n{' ' * indent}op: ")
    return op_line, *_indent(node, node.entries[1:])


def _indent(node: Mapping, rest: tuple[Entry, ...]) -> tuple[Edit, ...]:
    """Two more blanks before every line of the misplaced keys."""
    text, source = node.source.text, node.source
    starts = [0] if rest[0][0].start == 0 else []
    line_break = text.rfind("\n", 0, rest[0][0].start)
    while 0 <= line_break < node.end:
        starts.append(line_break + 1)
        line_break = text.find("\n", line_break + 1)
    return tuple(Edit(Span(source, s, s), "  ") for s in starts)
