"""YAML or JSON as a tree in which every key and value knows its place in the text."""

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
