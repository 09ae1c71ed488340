"""The facts of a network as a file beside its spec: a line for each node, so that git shows what changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from netspec.compare.facts import Facts, NodeFacts, Pairs
from netspec.document import Mapping, Node, Scalar, Sequence, parse
from netspec.document.nodes import Value
from netspec.limits import MOST_LOCK_MARKS

VERSION = 1
ENDING = ".lock"
_LONGEST_KEY = 1000
"""YAML reads a key of at most 1024 characters without a mark before it."""
_NOT_WRITTEN = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""Characters that YAML forbids, or takes for line breaks: written as escapes."""
_PLAIN = re.compile(r"[A-Za-z_][\w./*-]*|\d+")


class LockError(Exception):
    """A text that is no lock, and why."""


def lock_path(spec: str, preset: str | None) -> str:
    """Where the lock of a spec is: `net.lock` beside `net.yaml`, and `net.PRESET.lock` for a preset.

    >>> lock_path("specs/net.yaml", None), lock_path("net.yaml", "large")
    ('specs/net.lock', 'net.large.lock')
    """
    stem, dot, ending = spec.rpartition(".")
    if not dot or ending not in ("yaml", "yml", "json"):
        stem = spec
    return f"{stem}.{preset}{ENDING}" if preset else f"{stem}{ENDING}"


def lock_text(facts: Facts) -> str:
    """The facts as YAML: what is true of the whole, then a line for each node."""
    head = [
        f"netspec-lock: {VERSION}",
        f"name: {_word(facts.name)}",
        f"settings: {_map(facts.settings)}",
        f"inputs: {_map(facts.inputs)}",
        f"outputs: {_map(facts.outputs)}",
        *([f"returns: {facts.returns}"] if facts.returns else []),
        *([f"made_by: {_map(facts.made_by)}"] if facts.made_by else []),
        f"valid: {_word(facts.valid)}",
        f"sizes: {_word(facts.sizes)}",
        f"parameters: {facts.parameters}",
        f"macs: {facts.macs}",
        *([f"macs_unknown: {_list(facts.uncounted)}"] if facts.uncounted else []),
        f"field: {_map(facts.field)}",
        "nodes:" if facts.nodes else "nodes: {}",
    ]
    return "\n".join([*head, *(f"  {_node(n)}" for n in facts.nodes)]) + "\n"


def read_lock(text: str) -> Facts:
    """The facts in a lock. Raises `LockError`."""
    document = parse(text, "", MOST_LOCK_MARKS)
    root = document.root
    if not isinstance(root, Mapping) or document.diagnostics:
        raise LockError("it is not a lock file")
    version = root.get("netspec-lock")
    if not isinstance(version, Scalar):
        raise LockError("it does not start with `netspec-lock`")
    if version.value != VERSION:
        raise LockError(f"it has version {version.text}; this netspec writes version {VERSION}")
    uncounted = _texts(root, "macs_unknown") if root.get("macs_unknown") is not None else ()
    return Facts(
        name=_text(root, "name"),
        settings=_pairs(root, "settings"),
        inputs=_pairs(root, "inputs"),
        outputs=_pairs(root, "outputs"),
        valid=_text(root, "valid"),
        sizes=_text(root, "sizes"),
        parameters=_number(root, "parameters"),
        macs=_number(root, "macs"),
        field=_pairs(root, "field"),
        nodes=tuple(
            _read_node(key.text, value, uncounted) for key, value in _mapping(root, "nodes").entries
        ),
        uncounted=uncounted,
        returns=_text(root, "returns") if root.get("returns") is not None else "",
        made_by=_pairs(root, "made_by") if root.get("made_by") is not None else (),
    )


# ---- writing -------------------------------------------------------------------------------------


def _node(node: NodeFacts) -> str:
    parts = [f"op: {_word(node.op)}"]
    if node.arguments:
        parts.append(f"with: {_map(node.arguments)}")
    parts.append(f"from: {_list(node.inputs)}")
    parts.append(f"gives: {_list(node.shapes)}")
    if node.parameters:
        parts.append(f"parameters: {node.parameters}")
    if node.macs:
        parts.append(f"macs: {node.macs}")
    key = _word(node.path)
    ahead = f"{key}:" if len(key) <= _LONGEST_KEY else f"? {key}\n  :"
    return f"{ahead} {{{', '.join(parts)}}}"


def _word(text: str) -> str:
    """A text as it is written: bare where it ends with the word. What it means is left to the reader."""
    if _PLAIN.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=_NOT_WRITTEN.search(text) is not None)


def _key(text: str) -> str:
    """A text as a key in braces; one that is longer than YAML takes on a line is an explicit key."""
    written = _word(text)
    return written if len(written) <= _LONGEST_KEY else f"? {written} "


def _map(pairs: Pairs) -> str:
    return f"{{{', '.join(f'{_key(k)}: {_word(v)}' for k, v in pairs)}}}"


def _list(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_word, texts))}]"


# ---- reading -------------------------------------------------------------------------------------


def _read_node(path: str, node: Node, uncounted: tuple[str, ...]) -> NodeFacts:
    if not isinstance(node, Mapping):
        raise LockError(f"its entry for `{path}` is not a node")
    op = _text(node, "op")
    return NodeFacts(
        path,
        op,
        _pairs(node, "with") if node.get("with") is not None else (),
        _texts(node, "from"),
        _texts(node, "gives"),
        _number(node, "parameters") if node.get("parameters") is not None else 0,
        _number(node, "macs") if node.get("macs") is not None else 0,
        op in uncounted,
    )


def _mapping(node: Mapping, key: str) -> Mapping:
    value = node.get(key)
    if not isinstance(value, Mapping):
        raise LockError(f"its `{key}` cannot be read")
    return value


def _scalar(node: Mapping, key: str) -> Scalar:
    value = node.get(key)
    if not isinstance(value, Scalar):
        raise LockError(f"its `{key}` cannot be read")
    return value


def _text(node: Mapping, key: str) -> str:
    return _scalar(node, key).text


def _number(node: Mapping, key: str) -> int:
    value: Value = _scalar(node, key).value
    if isinstance(value, bool) or not isinstance(value, int):
        raise LockError(f"its `{key}` is not a number")
    return value


def _pairs(node: Mapping, key: str) -> Pairs:
    return tuple((name.text, _leaf(value, key)) for name, value in _mapping(node, key).entries)


def _texts(node: Mapping, key: str) -> tuple[str, ...]:
    value = node.get(key)
    if not isinstance(value, Sequence):
        raise LockError(f"its `{key}` cannot be read")
    return tuple(_leaves(value, key))


def _leaves(node: Sequence, key: str) -> Iterator[str]:
    for item in node.items:
        yield _leaf(item, key)


def _leaf(node: Node, key: str) -> str:
    if not isinstance(node, Scalar):
        raise LockError(f"its `{key}` cannot be read")
    return node.text
