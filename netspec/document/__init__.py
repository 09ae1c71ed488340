"""YAML or JSON as a tree in which every key and value knows its place in the text."""

from netspec.document.loading import read
from netspec.document.nodes import Document, Entries, Entry, Mapping, Node, Scalar, Sequence, Value
from netspec.document.parse import parse

__all__ = [
    "Document",
    "Entries",
    "Entry",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "Value",
    "parse",
    "read",
]
