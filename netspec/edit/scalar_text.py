"""Values as they are written into a spec: on one line, in the way of YAML or of JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from netspec.document import parse
from netspec.document.nodes import Scalar

Data = None | bool | int | float | str | Sequence["Data"] | Mapping[str, "Data"]
"""What a value of a spec may be."""

_PLAIN = re.compile(r"[A-Za-z_(\d=+][^\n#\[\]{},\"'&!|`?:]*")


def written(value: Data, *, as_json: bool = False) -> str:
    """The value on one line.

    >>> written({"conv1": {"op": "Conv2d", "out_channels": "2 * growth", "bias": False}})
    'conv1: {op: Conv2d, out_channels: 2 * growth, bias: false}'
    >>> written(["a", "widths[0]"])
    '[a, "widths[0]"]'
    """
    if as_json:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping) and len(value) == 1:
        (key, only), = value.items()  # fmt: skip
        return f"{_text(key)}: {_inner(only)}"
    return _inner(value)


def _inner(value: Data) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(k)}: {_inner(v)}" for k, v in value.items()) + "}"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Sequence):
        return "[" + ", ".join(_item(v) for v in value) + "]"
    return json.dumps(value)


def _item(value: Data) -> str:
    return (
        f"{{{written(value)}}}" if isinstance(value, Mapping) and len(value) == 1 else _inner(value)
    )


def _text(text: str) -> str:
    """Text without quotes where YAML takes it for that text, in braces too."""
    if _PLAIN.fullmatch(text) and text == text.strip() and " #" not in text and _is_text(text):
        return text
    return json.dumps(text, ensure_ascii=False)


def _is_text(text: str) -> bool:
    root = parse(text).root
    return isinstance(root, Scalar) and isinstance(root.value, str) and root.text == text


def typed(text: str, *, as_json: bool = False) -> str:
    """What somebody types for a value, ready for the file: quoted only where the text would not do in braces.

    >>> typed("64"), typed("[3, 3]"), typed("widths[0]"), typed("2 * growth")
    ('64', '[3, 3]', '"widths[0]"', '2 * growth')
    """
    text = text.strip()
    document = parse(f"[{text}]")
    whole = document.root
    items = getattr(whole, "items", None)
    if text and not document.diagnostics and items is not None and len(items) == 1:
        if not as_json:
            return text
        return json.dumps(plain(items[0]), ensure_ascii=False)
    return json.dumps(text, ensure_ascii=False)


def plain(node: object) -> Data:
    """A node of a document as plain data."""
    from netspec.document import nodes

    if isinstance(node, nodes.Scalar):
        return node.value
    if isinstance(node, nodes.Sequence):
        return [plain(item) for item in node.items]
    if isinstance(node, nodes.Mapping):
        return {key.text: plain(value) for key, value in node.entries}
    return None
