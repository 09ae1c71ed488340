"""Scalars as they are written: `1.10` is a number to YAML, and the text `1.10` where a spec expects text."""

from __future__ import annotations

import os
from typing import Any

from netspec.diagnostics import SpecError
from netspec.document import Mapping, Scalar, Sequence, TextNode, parse, read


class WrittenInt(int):
    """An integer that remembers its spelling, such as `007`."""

    text: str


class WrittenFloat(float):
    """A number that remembers its spelling, such as `1.10`."""

    text: str


def data_of(node: TextNode) -> Any:
    """The plain data of a tree; numbers keep a spelling that is not Python's own."""
    if isinstance(node, Sequence):
        return [data_of(item) for item in node.items]
    if isinstance(node, Mapping):
        return {key.text: data_of(value) for key, value in node.entries}
    assert isinstance(node, Scalar)
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | float) or str(value) == node.text:
        return value
    written = WrittenInt(value) if isinstance(value, int) else WrittenFloat(value)
    written.text = node.text
    return written


def read_data(path_or_text: str | os.PathLike[str]) -> tuple[str, Any]:
    """The path of a file, empty for a text, and its content as plain data. Raises SpecError."""
    written = os.fspath(path_or_text)
    is_text = isinstance(path_or_text, str) and ("\n" in written or written.lstrip()[:1] == "{")
    document = parse(written) if is_text else read(written)
    if document.diagnostics or document.root is None:
        raise SpecError(*document.diagnostics)
    return "" if is_text else written, data_of(document.root)


def written_text(value: Any) -> Any:
    """The text of a scalar; any other value, and null, unchanged, for the validator to reject."""
    if isinstance(value, WrittenInt | WrittenFloat):
        return value.text
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
