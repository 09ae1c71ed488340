"""The message for a step without an op: most often the op is in the place of its name."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Edit, Help, Span, advice, did_you_mean
from netspec.document import Mapping, Scalar, TextNode
from netspec.syntax.step_keys import called


def no_op(node: Mapping, name: Scalar | None) -> Diagnostic:
    """The diagnostic for a step without `op` and `body`, with the probable intention as help."""
    place = node.entries[0][0] if node.entries else node
    general = Help("every step requires an `op` or a `body`")
    helps: tuple[Help, ...] = (general,)
    if name is not None and name.text[:1].isupper():
        advice_text = f"if `{name.text}` is the op, write {_with_op(name.text, node)}"
        place, helps = name, (Help(advice_text, _before(name, node)),)
    elif len(node.entries) == 1:
        key, value = node.entries[0]
        if name is not None and key.text[:1].isupper() and isinstance(value, Mapping):
            advice_text = f"write `{name.text}: {_with_op(key.text, value)[1:]}"
            helps = (Help(advice_text, _inside(key, value, node)),)
        elif key.text == "name" and isinstance(value, Scalar) and value.text[:1].isupper():
            helps = (advice(did_you_mean("op"), key.span), general)
    return Diagnostic(Code.BAD_STEP, f"{called(name)} has no `op`", place.span, helps=helps)


def op_with_colon(op: Scalar) -> Diagnostic:
    """The diagnostic on `- ReLU:`, where nothing follows the colon."""
    text = op.source.text
    colon = len(text[: op.end]) + len(text[op.end :]) - len(text[op.end :].lstrip(" "))
    edits = (
        (Edit(Span(op.source, op.end, colon + 1), ""),) if text[colon : colon + 1] == ":" else ()
    )
    return Diagnostic(
        Code.BAD_STEP,
        f"`{op.text}` has a colon, but no arguments",
        op.span,
        "nothing follows this colon",
        helps=(Help(f"write `{op.text}`", edits),),
    )


def _with_op(op: str, arguments: Mapping) -> str:
    """An op with its arguments, as it is to be written."""
    text = arguments.span.text
    rest = text[1:-1] if text[:1] == "{" and len(text) < 80 and "\n" not in text else "…"
    return f"`{{op: {op}, {rest}}}`" if arguments.entries else f"`{op}`"


def _before(op: Scalar, arguments: Mapping) -> tuple[Edit, ...]:
    """`Conv2d: {…}` as `{op: Conv2d, …}`, in an item of a list."""
    text = op.source.text
    if not _in_braces(arguments) or text[: op.start].rstrip(" ")[-1:] not in ("-", "[", ","):
        return ()
    return (Edit(Span(op.source, op.start, arguments.start + 1), f"{{op: {op.text}, "),)


def _inside(op: Scalar, arguments: Mapping, around: Mapping) -> tuple[Edit, ...]:
    """`{Conv2d: {…}}` as `{op: Conv2d, …}`."""
    if not _in_braces(arguments) or not _in_braces(around):
        return ()
    return (
        Edit(Span(op.source, op.start, arguments.start + 1), f"op: {op.text}, "),
        Edit(Span(op.source, arguments.end - 1, arguments.end), ""),
    )


def _in_braces(node: Mapping) -> bool:
    return bool(node.entries) and node.source.text[node.start : node.start + 1] == "{"


def reserved_name(key: Scalar, value: TextNode) -> Diagnostic:
    """The diagnostic on a step whose name is a key of every step."""
    how = "op: …" if isinstance(value, Mapping) else f"op: {value.span.text}"
    return Diagnostic(
        Code.BAD_STEP,
        f"`{key.text}` is a step key, so it cannot be a step name in this form",
        key.span,
        "a key",
        helps=(Help(f"write `{{name: {key.text}, {how}}}`, or choose another name"),),
    )
