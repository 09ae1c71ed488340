"""The docstrings of the public API are complete: arguments, results, exceptions and examples where they apply."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from textwrap import dedent
from typing import Any

import api_page
import pytest
from api_members import members
from google_docstring import parse
from pydantic import BaseModel

import netspec
import netspec.layer
from netspec.layers import OPS, find
from netspec.reference.layer_guide import guide

MODULES = (netspec, netspec.layer)
PUBLIC: dict[str, Any] = {
    name: getattr(module, name)
    for module in MODULES
    for name in module.__all__
    if callable(getattr(module, name))
} | {e.__name__: e for _, entries in api_page.SECTIONS.values() for e in entries}
"""Every public function and class, and those that public functions return."""
ALIASES = frozenset({"Shape", "Size", "ConcreteShape", "FieldRule", "Code"})
"""Types without a docstring of their own, and the table of codes."""
ENTRIES = {name: entry for name, entry in PUBLIC.items() if name not in ALIASES}
CLASSES = {name: entry for name, entry in ENTRIES.items() if isinstance(entry, type)}


def functions() -> Iterator[tuple[str, Any]]:
    for name, entry in ENTRIES.items():
        if name not in CLASSES:
            yield name, entry
            continue
        for key, member in members(entry).items():
            if not isinstance(member, property):
                yield f"{name}.{key}", getattr(member, "__func__", member)


FUNCTIONS = dict(functions())


def raised(function: Any) -> set[str]:
    """The exceptions that a function raises itself and does not catch."""
    tree = ast.parse(dedent(inspect.getsource(function)))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(called, ast.Name) and called.id[0].isupper():
                names.add(called.id)
    return names


def short(names: Iterator[str] | dict[str, str]) -> set[str]:
    """Names of exceptions without their modules."""
    return {name.rpartition(".")[2] for name in names}


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_a_public_name_has_a_summary_of_one_sentence(name: str) -> None:
    docstring = ENTRIES[name].__doc__
    assert docstring
    summary = parse(docstring).summary
    assert summary.endswith(".")
    assert summary[0].isupper() or summary[0] in "`_"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_is_described_in_order(name: str) -> None:
    parameters = list(inspect.signature(FUNCTIONS[name]).parameters)["." in name :]
    assert list(parse(FUNCTIONS[name].__doc__).args) == parameters


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_result_is_described(name: str) -> None:
    returns = inspect.signature(FUNCTIONS[name]).return_annotation
    assert bool(parse(FUNCTIONS[name].__doc__).returns) == (returns != "None")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_exception_is_described(name: str) -> None:
    assert raised(FUNCTIONS[name]) <= short(parse(FUNCTIONS[name].__doc__).raises)


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in CLASSES and "." not in n])
def test_a_function_has_an_example(name: str) -> None:
    assert parse(FUNCTIONS[name].__doc__).example


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_a_class_has_an_example(name: str) -> None:
    """A model of a report has its example on the page on reports."""
    if CLASSES[name] in api_page.REPORTS:
        page = (api_page.FILE.parent / "reports.md").read_text(encoding="utf-8")
        assert f"`netspec.{name}`" in page or f"netspec.{name}." in page or f"`{name}`" in page
        return
    assert parse(CLASSES[name].__doc__).example


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_the_parameters_of_a_class_are_described(name: str) -> None:
    """As Args, as Attributes of the same name, or as fields of a model."""
    cls = CLASSES[name]
    if issubclass(cls, BaseModel):
        assert all(field.description for field in cls.model_fields.values())
        return
    doc = parse(cls.__doc__)
    if hasattr(cls, "_fields"):  # a record
        assert {n for n in cls._fields if not n.startswith("_")} <= {*doc.attributes}
    elif "__init__" in vars(cls) and name not in ("Layer", "Network", "Report", "Solver"):
        parameters = list(inspect.signature(cls.__init__).parameters)[1:]
        assert {*parameters} <= {*doc.args, *doc.attributes}


@pytest.mark.parametrize("op", OPS)
def test_a_layer_has_shapes_a_source_and_an_example(op: str) -> None:
    layer = find(op)
    assert layer is not None
    summary, *lines = inspect.cleandoc(layer.__doc__ or "").split("\n\n")
    assert summary.endswith(".")
    fields = dict(line.split(": ", 1) for line in "\n".join(lines).splitlines() if ": " in line)
    assert "->" in fields["Shape"]
    assert "`torch." in fields["Source"] or "https://" in fields["Source"]
    assert op in guide(op, layer).example()
