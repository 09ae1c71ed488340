"""YAML or JSON as a tree with the span of every key and value."""

from netspec.document.loading import read
from netspec.document.parse import parse
from netspec.document.tree import (
    Document,
    Entries,
    Entry,
    Mapping,
    Scalar,
    Sequence,
    TextNode,
    Value,
)

__all__ = [
    "Document",
    "Entries",
    "Entry",
    "Mapping",
    "Scalar",
    "Sequence",
    "TextNode",
    "Value",
    "parse",
    "read",
]
