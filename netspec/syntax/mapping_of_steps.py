"""A body that is not a list: a mapping from names to steps, the keys of one step, or one op."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Edit, Help, Span
from netspec.document import Mapping, Scalar, Sequence, TextNode, splices
from netspec.similar_words import closest
from netspec.syntax.key_tables import BLOCK_KEYS
from netspec.syntax.step_keys import MARKS_A_STEP


def not_a_list(node: TextNode, owner: str) -> Diagnostic:
    """The diagnostic on a body that is not a list, with the edits that make one of it."""
    got, label = "a mapping", "a mapping"
    if isinstance(node, Scalar):
        got, label = ("nothing" if node.value is None else f"`{node.text}`"), "not a list"
    elif is_one_step(node):
        got, label = "the keys of one step", "one step"
    helps = [Help("write each step on a line of its own, after `- `", _as_list(node))]
    if isinstance(node, Scalar) and isinstance(node.value, str) and node.span.text == node.text:
        helps = [Help(f"write `[{node.text}]`", (Edit(node.span, f"[{node.text}]"),))]
    return Diagnostic(
        Code.BAD_VALUE,
        f"{owner} must be a list of steps, got {got}",
        node.span,
        label,
        helps=tuple(helps),
    )


def is_one_step(node: TextNode) -> bool:
    """Whether a mapping has the keys of a step, and not steps by their names."""
    return isinstance(node, Mapping) and any(key.text in MARKS_A_STEP for key, _ in node.entries)


def is_mapping_of_steps(node: TextNode) -> bool:
    """Whether the entries of a block that has no key of a block are steps by their names."""
    if not isinstance(node, Mapping) or any(closest(k.text, BLOCK_KEYS) for k, _ in node.entries):
        return False
    values = [value for _, value in node.entries]
    groups = [isinstance(value, Sequence) for value in values]
    return not all(groups) and all(
        is_group or _is_step(value) for value, is_group in zip(values, groups, strict=True)
    )


def _is_step(value: TextNode) -> bool:
    """Whether a value is an op, or has the keys of a step."""
    if isinstance(value, Mapping):
        return any(key.text in MARKS_A_STEP for key, _ in value.entries)
    return isinstance(value, Scalar) and isinstance(value.value, str) and value.text[:1].isupper()


def _as_list(node: TextNode) -> tuple[Edit, ...]:
    """The edits that make an item of every entry of a mapping, or one item of the keys of a step."""
    if not isinstance(node, Mapping) or not node.entries:
        return ()
    source = node.source
    if splices.is_flow(node):
        if is_one_step(node):
            before, after = Span(source, node.start, node.start), Span(source, node.end, node.end)
            return Edit(before, "["), Edit(after, "]")
        opened, closed = (
            Span(source, node.start, node.start + 1),
            Span(source, node.end - 1, node.end),
        )
        return Edit(opened, "["), Edit(closed, "]")
    items = [node.entries[0]] if is_one_step(node) else list(node.entries)
    starts = {key.start for key, _ in items}
    edits: list[Edit] = []
    offset = splices.line_start(source.text, node.start)
    while offset < node.end:
        text = source.text[offset : splices.line_end(source.text, offset)]
        content = offset + len(text) - len(text.lstrip(" "))
        if text.strip():
            edits.append(Edit(Span(source, content, content), "- " if content in starts else "  "))
        line_break = source.text.find("\n", offset)
        offset = len(source.text) if line_break < 0 else line_break + 1
    return tuple(edits)
