"""The keys of steps, and which kind of step has which of them."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Diagnostics, advice, did_you_mean
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.similar_words import closest
from netspec.syntax.key_tables import STEP_KEYS, STEP_KINDS
from netspec.syntax.keys import known, respelled_key

RESERVED = frozenset(STEP_KEYS)
"""The keys that mean something on every step; no op may use one as an argument."""

_READ_ONE_BY_ONE = ("op", "name", "doc", "branches")
FIELDS = {
    key: "source" if key == "from" else key
    for key in STEP_KINDS["op"]
    if key not in _READ_ONE_BY_ONE
}
"""The attributes of a step that hold the values of its keys as they are."""
OF_A_CALL = tuple(key for key in STEP_KINDS["op"] if key != "op")
"""The keys that a step with an op may have in addition to its arguments."""
_OF_A_GROUP = (*STEP_KINDS["body"], "branches")  # `branches` has a message of its own
NO_ARGUMENTS = RESERVED - {"outputs"}
"""Keys that are not arguments of an op; `outputs` is neither, and rejected as an argument."""
KINDS = tuple(STEP_KINDS)
_WORDS_FOR_OP = frozenset({
    "type", "layer", "class", "class_name", "module", "operator", "_target_", "op_type", "layer_type", "kind",
    "operation", "nn", "function",
})  # fmt: skip
"""Keys of other formats for the op of a step."""
_CANNOT_NAME_A_STEP = frozenset({"type"})
MARKS_A_STEP = (*KINDS, "name")


def without_op(node: Mapping, name: Scalar | None, diagnostics: Diagnostics) -> Mapping:
    """A group, a loop or a share, with no keys but its own; one whose `op` is misspelled has one."""
    keys = {key.text: (key, value) for key, value in node.entries}
    if "each" in keys:
        otherwise = "a loop has only `each`, `body` and `doc`"
        if "op" in keys and "body" not in keys:
            return _loop_of_op(node, diagnostics)
        return known(node, STEP_KINDS["each"], diagnostics, "a loop", otherwise)
    if "body" in keys:
        otherwise = "only an op takes arguments"
        node = known(node, _OF_A_GROUP, diagnostics, "a group", otherwise, also=("each",))
        if node.get("each") is None:
            return node
        return known(node, STEP_KINDS["each"], diagnostics, "a loop")
    if "share" in keys:
        otherwise = "remove it: the arguments are those of the shared step"
        return known(node, STEP_KINDS["share"], diagnostics, "a step that is a `share`", otherwise)
    for key_text, (written, value) in keys.items():
        is_op = key_text in _WORDS_FOR_OP and isinstance(value, Scalar)
        right = "op" if is_op else closest(key_text, KINDS)
        if key_text not in RESERVED and right is not None:
            message = f"{called(name)} has no key `{key_text}`"
            diagnostics.add(_no_key(message, written, did_you_mean(right)))
            entries = {**keys, right: (respelled_key(written, right), value)}
            del entries[key_text]
            corrected = Mapping(node.source, node.start, node.end, entries)
            return corrected if right == "op" else without_op(corrected, name, diagnostics)
    return node


def is_word_for_op(key: Scalar, value: TextNode, *, alone: bool = False) -> bool:
    """Whether an entry is the op of a step under the key of another format; `alone`, it may name a step."""
    words = _CANNOT_NAME_A_STEP if alone else _WORDS_FOR_OP
    return (
        key.text in words
        and isinstance(value, Scalar)
        and isinstance(value.value, str)
        and (alone or value.text[:1].isupper() or "." in value.text)
    )


def _loop_of_op(node: Mapping, diagnostics: Diagnostics) -> Mapping:
    """A loop with an op instead of a body: the op and its arguments are its body."""
    own = [(k, v) for k, v in node.entries if k.text in STEP_KINDS["each"]]
    rest = [(k, v) for k, v in node.entries if k.text not in STEP_KINDS["each"]]
    op = next(k for k, _ in rest if k.text == "op")
    help_ = "write the op in its body: `body: [{op: …}]`"
    diagnostics.add(_no_key("a loop has no key `op`", op, help_))
    inner = Mapping(node.source, rest[0][0].start, rest[-1][1].end, tuple(rest))
    body = Sequence(node.source, inner.start, inner.end, [inner])
    return Mapping(node.source, node.start, node.end, (*own, (respelled_key(op, "body"), body)))


def _no_key(message: str, key: Scalar, help_: str) -> Diagnostic:
    return Diagnostic(
        Code.UNKNOWN_KEY, message, key.span, "unknown key", helps=(advice(help_, key.span),)
    )


def called(name: Scalar | None) -> str:
    """A step as a message calls it."""
    return f"`{name.text}`" if name is not None else "a step"


def is_null(node: TextNode) -> bool:
    """Whether nothing is written there."""
    return isinstance(node, Scalar) and node.value is None
