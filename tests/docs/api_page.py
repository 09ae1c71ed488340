"""Write `docs/api.md`, the API reference, from the docstrings.

python tests/docs/api_page.py
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import api_members
from api_members import documented, members, signature, variables
from google_docstring import Docstring, parse
from pydantic import BaseModel

import netspec
import netspec.layer
from netspec.dims import symbolic
from netspec.graph import Graph, Node, Outputs, Value
from netspec.layer import argument_kinds, memory, shape_rules
from netspec.layer.argument_kinds import Kind

FILE = Path(__file__).parents[2] / "docs" / "api.md"

_HEAD = """\
# API reference

The public names of `netspec` and `netspec.layer`. [From Python](python.md) introduces the first,
[custom layers](your-own-layers.md) the second; [layers](layers.md) describes each layer.

`python tests/docs/api_page.py` writes this page from the docstrings.
"""

SECTIONS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "Loading and compiling": (
        "Import these names from `netspec`.",
        (
            netspec.load, netspec.compile, netspec.source, netspec.Network, netspec.Report, netspec.Diagnostic,
            netspec.SpecError, netspec.MissingTorchError, netspec.EngineError,
        ),
    ),
    "Specs as data": (
        "Import these names from `netspec`. [Specs as data](specs-as-data.md) has examples.",
        (netspec.SpecFile, netspec.Step),
    ),
    "Graphs": (
        "`Network.elaborate` returns a `Graph`; `Network.graph_model` returns a `GraphModel`, which is described in\n"
        "[the graph as data](graph-model.md). Import `GraphModel` from `netspec`.",
        (Graph, Node, Value, Outputs, netspec.GraphModel),
    ),
    "Declaring layers": (
        "Import these names from `netspec.layer`.",
        (
            netspec.layer.layer, netspec.layer.Module, netspec.layer.Function, netspec.layer.Layer,
            netspec.layer.ShapeError, netspec.layer.Solver, netspec.layer.Origin, netspec.layer.Window,
            netspec.layer.resolve_dim, netspec.layer.resolve_dims, netspec.layer.constant_size, netspec.layer.require_rank,
            netspec.layer.require_spatial, netspec.layer.per_axis,
        ),
    ),
    "Arguments of layers": (
        "Import these names from `netspec.layer`. A declaration is a class attribute: "
        "`bias: bool = optional(BOOLEAN, \"…\", True)`.",
        (
            netspec.layer.required, netspec.layer.optional, netspec.layer.inferred, netspec.layer.Argument,
            netspec.layer.Kind, netspec.layer.InvalidValueError,
        ),
    ),
}  # fmt: skip
"""The sections of the page: an introduction, and the names in order."""

REPORTS = (
    netspec.CheckReport, netspec.SummaryReport, netspec.NodeReport, netspec.ModuleReport, netspec.MemoryPlanReport,
    netspec.DiffReport,
    netspec.LayerListReport, netspec.LayerReport, netspec.CodeListReport, netspec.CodePageReport,
    netspec.LockFile,
)  # fmt: skip
"""Models of files and of the output of commands: a line each, as docs/reports.md has their fields."""

TYPES = ("Shape", "Size", "ConcreteShape", "FieldRule")


def page() -> str:
    """The text of the page."""
    parts = [_HEAD]
    for title, (introduction, entries) in SECTIONS.items():
        parts += [f"## {title}\n", f"{introduction}\n"]
        parts += ["\n".join(_entry(entry)) for entry in entries]
        if title == "Graphs":
            parts.append("\n".join(_reports()))
    parts += ["\n".join(_kinds()), "\n".join(_types())]
    return "\n".join(parts)


def _reports() -> Iterator[str]:
    yield from [
        "## Reports and lock files", "",
        "Import these pydantic models from `netspec`. [Reports](reports.md) has their fields and an example.", "",
        "| model | description |", "|---|---|",
    ]  # fmt: skip
    yield from [_row(f"`{model.__name__}`", parse(model.__doc__).summary) for model in REPORTS]
    yield ""


def _entry(entry: Any) -> Iterator[str]:
    name = entry.__name__
    doc = parse(entry.__doc__)
    yield from [f"### {name}", ""]
    if not isinstance(entry, type):
        yield from ["```python", signature(entry), "```", ""]
        yield from _sections(doc)
        return
    yield from _sections(doc)
    yield from _fields(entry)
    if values := variables(entry):
        yield from ["| class variable | description |", "|---|---|"]
        yield from [_row(f"`{key}`", text) for key, text in values.items()]
        yield ""
    all_members = members(entry)
    properties = {n: parse(m.__doc__) for n, m in all_members.items() if isinstance(m, property)}
    if properties:
        yield from ["| property | description |", "|---|---|"]
        yield from [_row(f"`{key}`", text.summary) for key, text in properties.items()]
        yield ""
    for key, member in all_members.items():
        if key not in properties:
            function = getattr(member, "__func__", member)
            yield from [f"#### {name}.{key}", "", "```python", signature(function), "```", ""]
            yield from _sections(parse(function.__doc__))


def _fields(cls: type) -> Iterator[str]:
    """The fields of a pydantic model."""
    if not issubclass(cls, BaseModel):
        return
    yield from ["| field | description |", "|---|---|"]
    for key, info in cls.model_fields.items():
        yield _row(f"`{info.alias or key}`", info.description or "")
    yield ""


def _sections(doc: Docstring) -> Iterator[str]:
    yield from [doc.text, ""]
    for title, items in (("Args", doc.args), ("Attributes", doc.attributes)):
        if items:
            yield from [
                f"**{title}**",
                "",
                *(f"- `{key}`: {text}" for key, text in items.items()),
                "",
            ]
    if doc.returns:
        yield from [f"**Returns** {_lowered(doc.returns)}", ""]
    if doc.raises:
        yield from [
            "**Raises**",
            "",
            *(f"- `{key}`: {text}" for key, text in doc.raises.items()),
            "",
        ]
    if doc.example:
        yield from ["```pycon", doc.example, "```", ""]


def _lowered(sentence: str) -> str:
    """The sentence as the object of "Returns"."""
    first = sentence.partition(" ")[0]
    return sentence if first.isupper() and len(first) > 1 else sentence[0].lower() + sentence[1:]


def _kinds() -> Iterator[str]:
    """The kinds of values of arguments: the classes, and the instances that have names."""
    yield from ["### Kinds", "", "| class | values |", "|---|---|"]
    for name in netspec.layer.__all__:
        value = getattr(netspec.layer, name)
        if isinstance(value, type) and issubclass(value, Kind) and value is not Kind:
            heading = (
                f"{name}{inspect.signature(value).replace(return_annotation=inspect.Signature.empty)}"
                if "__init__" in vars(value)
                else name
            )
            yield _row(f"`{heading.replace(chr(39), '')}`", parse(value.__doc__).summary)
    yield from ["", "| instance | values |", "|---|---|"]
    for name in netspec.layer.__all__:
        value = getattr(netspec.layer, name)
        if isinstance(value, Kind):
            doc = documented(argument_kinds).get(name, "")
            yield _row(
                f"`{name}`",
                f"{value.expected}{f': {doc[0].lower()}{doc[1:]}' if doc else ''}".rstrip("."),
            )
    yield ""


def _types() -> Iterator[str]:
    docs = documented(symbolic) | documented(memory) | documented(shape_rules)
    yield from ["### Types and codes", "", "| name | description |", "|---|---|"]
    yield from [_row(f"`{name}`", docs[name]) for name in TYPES]
    yield _row(
        "`Code`",
        "The diagnostic codes, such as `Code.DIVISIBLE`; [diagnostics](diagnostics/README.md) explains them.",
    )
    yield ""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


__all__ = ["FILE", "SECTIONS", "api_members", "page"]

if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
