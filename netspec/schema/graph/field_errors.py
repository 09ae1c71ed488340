"""Errors of pydantic in the fields of a graph, as diagnostics at their places."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from netspec.diagnostics import Code, Diagnostic, Help, did_you_mean
from netspec.schema.graph.graph_model import GraphModel
from netspec.schema.graph.graph_places import GraphPlaces
from netspec.schema.graph.marked_text import Location
from netspec.similar_words import closest

_EXPECTED = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "bool_type": "a boolean",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "greater_than_equal": "an integer >= 0",
    "int_parsing_size": "a smaller integer",
    "too_short": "a list that is not empty",
}
"""The valid values of a field, by the type of the error."""


def field_error_diagnostics(error: ValidationError, places: GraphPlaces) -> Iterator[Diagnostic]:
    """The diagnostics, one for each field: a field of several kinds has an error for each of them."""
    errors_by_field: dict[tuple[Location, bool], list[ErrorDetails]] = {}
    for each in error.errors(include_url=False):
        field = places.steps(each["loc"])
        errors_by_field.setdefault((field, each["type"] == "missing"), []).append(each)
    for (field, _), errors in errors_by_field.items():
        yield _diagnostic(field, errors, places)


def _diagnostic(field: Location, errors: list[ErrorDetails], places: GraphPlaces) -> Diagnostic:
    first, name = errors[0], ".".join(map(str, field))
    kind, key = first["type"], str(first["loc"][-1])
    if kind == "missing":
        within = f"`{name}`" if name else "the graph"
        return Diagnostic(Code.MISSING_KEY, f"{within} has no `{key}`", places.of(field))
    if kind == "extra_forbidden":
        return _unknown_key(field, key, places)
    if field == ("schema_version",):
        message = f"version {_shown(first['input'])} of the graph model is not supported"
        helps = (Help('write `"schema_version": "1.0"`'),)
        return Diagnostic(Code.VERSION, message, places.of(field), helps=helps)
    expected = " or ".join(
        dict.fromkeys(_EXPECTED.get(e["type"], f"valid ({e['msg']})") for e in errors)
    )
    message = f"`{name}` must be {expected}, not {_shown(first['input'])}"
    return Diagnostic(Code.BAD_VALUE, message, places.of(field))


def _unknown_key(field: Location, key: str, places: GraphPlaces) -> Diagnostic:
    within = ".".join(map(str, field[:-1]))
    suggestion = closest(key, _keys(field))
    helps = (Help(did_you_mean(suggestion)),) if suggestion else ()
    message = f"`{within}` has no key `{key}`" if within else f"a graph has no key `{key}`"
    return Diagnostic(Code.UNKNOWN_KEY, message, places.of_key(field), helps=helps)


def _keys(field: Location) -> list[str]:
    """The keys of the object around a field, as far as the names of the fields determine them."""
    schema = GraphModel.model_json_schema()
    parts = {
        "inputs": "GraphInput",
        "levels": "GraphLevel",
        "nodes": "GraphNode",
        "outputs": "GraphOutputs",
    }
    names = [step for step in field[:-1] if isinstance(step, str)]
    if not names:
        return list(schema["properties"])
    nested = {
        "inputs": "GraphEdge",
        "values": "GraphEdge",
        "outputs": "GraphTensor",
        "ties": "GraphTie",
    }
    part = parts.get(names[0]) if len(names) == 1 else nested.get(names[-1])
    return list(schema["$defs"][part]["properties"]) if part is not None else []


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"`{value[:40]}`"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)[:40]
