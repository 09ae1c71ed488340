"""Docstrings of models as descriptions in a JSON Schema."""

from __future__ import annotations

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema


class WithoutExamples(GenerateJsonSchema):
    """Descriptions without the `Example:` of the docstring, which is Python."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """The schema of a model."""
        value = super().model_schema(schema)
        if "description" in value:
            value["description"] = value["description"].partition("\n\nExample:")[0]
        return value
