"""Values as the text of a spec: on one line, as YAML or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from netspec.document import parse
from netspec.document.scalar_writer import quoted_text, scalar_text

Data = None | bool | int | float | str | Sequence["Data"] | Mapping[str, "Data"]
"""The possible values in a spec."""


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
        return f"{scalar_text(key, in_braces=True)}: {_inner(only)}"
    return _inner(value)


def _inner(value: Data) -> str:
    if isinstance(value, Mapping):
        return (
            "{"
            + ", ".join(f"{scalar_text(k, in_braces=True)}: {_inner(v)}" for k, v in value.items())
            + "}"
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_item(v) for v in value) + "]"
    return scalar_text(value, in_braces=True)


def _item(value: Data) -> str:
    return (
        f"{{{written(value)}}}" if isinstance(value, Mapping) and len(value) == 1 else _inner(value)
    )


def typed(text: str, *, as_json: bool = False) -> str:
    """A typed value as text for the file, in quotes only if braces require them.

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
        return json.dumps(plain_data(items[0]), ensure_ascii=False)
    return json.dumps(text, ensure_ascii=False) if as_json else quoted_text(text)


def plain_data(node: object) -> Data:
    """A node of a document as plain data."""
    from netspec.document import tree

    if isinstance(node, tree.Scalar):
        return node.value
    if isinstance(node, tree.Sequence):
        return [plain_data(item) for item in node.items]
    if isinstance(node, tree.Mapping):
        return {key.text: plain_data(value) for key, value in node.entries}
    return None
