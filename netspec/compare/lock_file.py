"""The facts of a network as a file next to its spec: a line for each node, so that git shows changes.

The writer and the reader follow one table of keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from netspec.compare.facts import Facts, NodeFacts
from netspec.compare.lock_keys import (
    FILE_KEYS,
    NODE_KEYS,
    VERSION,
    VERSION_KEY,
    Kind,
    LockedNodeData,
    LockFileData,
    LockKey,
)
from netspec.diagnostics import Span
from netspec.document import Mapping as MappingNode
from netspec.document import Scalar, Sequence, TextNode, parse
from netspec.limits import MOST_LOCK_MARKS

ENDING = ".lock"
_LONGEST_KEY = 1000
"""YAML reads a key of at most 1024 characters without a mark before it."""
_NOT_WRITTEN = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""Characters that YAML forbids or reads as line breaks: written as escapes."""
_PLAIN = re.compile(r"[A-Za-z_][\w./*-]*|\d+")


class LockError(Exception):
    """A text that is not a lock: the reason, and the place in it if there is one."""

    def __init__(self, message: str, span: Span | None = None) -> None:
        super().__init__(message)
        self.span = span


def lock_path(spec: str, preset: str | None) -> str:
    """The path of the lock file of a spec: `net.lock` next to `net.yaml`, and `net.PRESET.lock` for a preset.

    >>> lock_path("specs/net.yaml", None), lock_path("net.yaml", "large")
    ('specs/net.lock', 'net.large.lock')
    """
    stem, dot, ending = spec.rpartition(".")
    if not dot or ending not in ("yaml", "yml", "json"):
        stem = spec
    return f"{stem}.{preset}{ENDING}" if preset else f"{stem}{ENDING}"


def lock_text(facts: Facts) -> str:
    """The facts as YAML: those of the network, then a line for each node."""
    entries = _written(_file_data(facts), FILE_KEYS)
    return "\n".join([f"{VERSION_KEY}: {VERSION}", *entries]) + "\n"


def read_lock(text: str, name: str = "") -> Facts:
    """The facts in a lock, whose file is called `name`. Raises `LockError`."""
    document = parse(text, name, MOST_LOCK_MARKS)
    root = document.root
    if document.diagnostics:
        raise LockError("it is not a lock file", document.diagnostics[0].span)
    if not isinstance(root, MappingNode):
        raise LockError("it is not a lock file", root.span if root is not None else None)
    version = root.get(VERSION_KEY)
    if not isinstance(version, Scalar):
        first = root.entries[0][0].span if root.entries else root.span
        raise LockError(f"it does not start with `{VERSION_KEY}`", first)
    if version.value != VERSION:
        message = f"it has version {version.text}; this netspec writes version {VERSION}"
        raise LockError(message, version.span)
    return _facts(cast(LockFileData, _read(root, FILE_KEYS, version)))


# ---- facts as data -------------------------------------------------------------------------------


def _file_data(facts: Facts) -> LockFileData:
    return {
        "name": facts.name,
        "settings": dict(facts.settings),
        "inputs": dict(facts.inputs),
        "outputs": dict(facts.outputs),
        "returns": facts.returns,
        "made_by": dict(facts.made_by),
        "valid": facts.valid,
        "sizes": facts.sizes,
        "parameters": facts.parameters,
        "macs": facts.macs,
        "macs_unknown": list(facts.uncounted),
        "field": dict(facts.field),
        "nodes": {node.path: _node_data(node) for node in facts.nodes},
    }


def _node_data(node: NodeFacts) -> LockedNodeData:
    return {
        "op": node.op,
        "with": dict(node.arguments),
        "from": list(node.inputs),
        "gives": list(node.shapes),
        "parameters": node.parameters,
        "macs": node.macs,
    }


def _facts(data: LockFileData) -> Facts:
    return Facts(
        name=data["name"],
        settings=tuple(data["settings"].items()),
        inputs=tuple(data["inputs"].items()),
        outputs=tuple(data["outputs"].items()),
        valid=data["valid"],
        sizes=data["sizes"],
        parameters=data["parameters"],
        macs=data["macs"],
        field=tuple(data["field"].items()),
        nodes=tuple(
            _node_facts(path, node, data["macs_unknown"]) for path, node in data["nodes"].items()
        ),
        uncounted=tuple(data["macs_unknown"]),
        returns=data["returns"],
        made_by=tuple(data["made_by"].items()),
    )


def _node_facts(path: str, data: LockedNodeData, uncounted: list[str]) -> NodeFacts:
    return NodeFacts(
        path=path,
        op=data["op"],
        arguments=tuple(data["with"].items()),
        inputs=tuple(data["from"]),
        shapes=tuple(data["gives"]),
        parameters=data["parameters"],
        macs=data["macs"],
        uncounted=data["op"] in uncounted,
    )


# ---- writing -------------------------------------------------------------------------------------


def _written(data: Mapping[str, Any], keys: tuple[LockKey, ...]) -> Iterator[str]:
    """The entries of a file or node."""
    for name, kind, is_optional in keys:
        if data[name] or not is_optional:
            yield f"{name}:{_value(data[name], kind)}"


def _value(value: Any, kind: Kind) -> str:
    if kind == "nodes":
        return "".join(f"\n  {_node(path, node)}" for path, node in value.items()) or " {}"
    if kind == "pairs":
        return f" {{{', '.join(f'{_key(k)}: {_word(v)}' for k, v in value.items())}}}"
    if kind == "texts":
        return f" [{', '.join(map(_word, value))}]"
    return f" {_word(value) if kind == 'text' else value}"


def _node(path: str, node: LockedNodeData) -> str:
    key = _word(path)
    ahead = f"{key}:" if len(key) <= _LONGEST_KEY else f"? {key}\n  :"
    return f"{ahead} {{{', '.join(_written(node, NODE_KEYS))}}}"


def _word(text: str) -> str:
    """A text, unquoted if it is a single word. The reader determines its type."""
    if _PLAIN.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=_NOT_WRITTEN.search(text) is not None)


def _key(text: str) -> str:
    """A text as a key in braces; one that is too long for YAML is an explicit key."""
    written = _word(text)
    return written if len(written) <= _LONGEST_KEY else f"? {written} "


# ---- reading -------------------------------------------------------------------------------------

_ABSENT: dict[Kind, Any] = {"number": 0, "text": "", "pairs": {}, "texts": []}
"""The values of keys that are omitted."""


def _read(mapping: MappingNode, keys: tuple[LockKey, ...], place: TextNode) -> dict[str, Any]:
    """The data of a file or node; `place` is the location of the error for a missing key."""
    data: dict[str, Any] = {}
    for name, kind, is_optional in keys:
        value = mapping.get(name)
        if value is not None:
            data[name] = _data(value, name, kind)
        elif is_optional:
            data[name] = _ABSENT[kind]
        else:
            raise LockError(f"its `{name}` is missing", place.span)
    return data


def _data(node: TextNode, name: str, kind: Kind) -> Any:
    if kind == "nodes":
        return {key.text: _read_node(key, value) for key, value in _entries(node, name)}
    if kind == "pairs":
        return {key.text: _text(value, name) for key, value in _entries(node, name)}
    if kind == "texts":
        if not isinstance(node, Sequence):
            raise LockError(f"its `{name}` is not a list", node.span)
        return [_text(item, name) for item in node.items]
    return _text(node, name) if kind == "text" else _number(node, name)


def _read_node(key: Scalar, node: TextNode) -> dict[str, Any]:
    if not isinstance(node, MappingNode):
        raise LockError(f"its entry `{key.text}` is not a node", node.span)
    return _read(node, NODE_KEYS, key)


def _entries(node: TextNode, name: str) -> tuple[tuple[Scalar, TextNode], ...]:
    if not isinstance(node, MappingNode):
        raise LockError(f"its `{name}` is not a mapping", node.span)
    return node.entries


def _text(node: TextNode, name: str) -> str:
    if not isinstance(node, Scalar):
        raise LockError(f"its `{name}` is not a text", node.span)
    return node.text


def _number(node: TextNode, name: str) -> int:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, int):
        raise LockError(f"its `{name}` is not a number", node.span)
    return value
