"""The whole schema: the models, and the layers with their arguments."""

from __future__ import annotations

import json

from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from netspec.layer.base import Layer
from netspec.layers import OPS, find
from netspec.schema.descriptions import WithoutExamples
from netspec.schema.forms import step_forms
from netspec.schema.layer_schema import Schema, described, initializer_schema, layer_schema
from netspec.schema.spec_file import SpecFile
from netspec.syntax.file import LANGUAGE

_OP: Schema = {"$ref": "#/$defs/Op"}


def text() -> str:
    """The schema as a file."""
    return json.dumps(spec_schema(), indent=1, ensure_ascii=False) + "\n"


def spec_schema() -> Schema:
    """The JSON Schema of a spec file."""
    layers = _layers()
    schema = SpecFile.model_json_schema(schema_generator=_Plain)
    parts = schema.pop("$defs")
    del parts["InitRule"]
    parts |= step_forms(parts.pop("Step"))
    parts["Initialization"] = initializer_schema()
    _offer_layers(parts, layers)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:netspec:schema:{LANGUAGE}",
        **schema,
        "title": f"netspec, version {LANGUAGE} of the language",
        "$defs": {name: _quick(part) for name, part in parts.items()},
    }


def _layers() -> dict[str, type[Layer]]:
    layers_by_op = {op: find(op) for op in OPS}
    return {op: layer for op, layer in layers_by_op.items() if layer is not None}


def _offer_layers(parts: dict[str, Schema], layers: dict[str, type[Layer]]) -> None:
    """Name the layers where an op is allowed, and require their arguments in a call."""
    words = [{"const": op, "description": described(layer)} for op, layer in layers.items()]
    parts["Op"] = {"anyOf": [{"type": "string"}, *words]}
    for op, layer in layers.items():
        parts[f"layer.{op}"] = layer_schema(layer)
    for form in ("Step", "Named"):
        parts[form]["anyOf"][0] = _OP
    for form in ("OpStep", "OpValue"):
        parts[form]["properties"]["op"] |= _OP
        parts[form]["properties"]["op"].pop("type")
    parts["OpStep"]["allOf"] = [_called(op) for op in layers]


def _called(op: str) -> Schema:
    is_it = {"required": ["op"], "properties": {"op": {"const": op}}}
    return {"if": is_it, "then": {"$ref": f"#/$defs/layer.{op}"}}


def _quick(part: Schema) -> Schema:
    """The schema with the keys that distinguish the forms of a step first: most validators go in order."""
    first = {key: part[key] for key in ("type", "maxProperties", "required") if key in part}
    return first | part


class _Plain(WithoutExamples):
    """Without titles made of names, and without `null` as a default: both are noise in an editor."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - none should
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        schema_value = super().default_schema(schema)
        if schema_value.get("default", ...) is None:
            del schema_value["default"]
        return schema_value
