"""The JSON of `netspec layers`: the list, and one layer."""

from __future__ import annotations

from pydantic import BaseModel, Field, JsonValue

from netspec.schema.reports.check_report import FormatVersion


class ListedLayer(BaseModel):
    """A layer in the list."""

    name: str = Field(description="The op.")
    category: str = Field(description="The category, as in `netspec layers`.")
    summary: str = Field(description="What it does, in one sentence.")


class LayerListReport(BaseModel):
    """The JSON of `netspec layers --format json`."""

    format_version: FormatVersion = Field(description="The version of the format.")
    layers: list[ListedLayer] = Field(description="The layers, by category.")


class LayerInput(BaseModel):
    """An input of a layer."""

    name: str = Field(description="The name.")
    optional: bool = Field(description="Whether it may be omitted.")


class LayerArgument(BaseModel):
    """An argument of a layer."""

    name: str = Field(description="The name.")
    doc: str = Field(description="What it does.")
    type: str = Field(description="The values that it takes, in words.")
    default: JsonValue = Field(description="The value if it is omitted.")
    required: bool = Field(description="Whether it must be set.")
    inferred: bool = Field(description="Whether the input decides it.")


class LayerReport(BaseModel):
    """The JSON of `netspec layers NAME --format json`."""

    format_version: FormatVersion = Field(description="The version of the format.")
    name: str = Field(description="The op.")
    summary: str = Field(description="What it does, in one sentence.")
    shape: str = Field(description="The shapes of inputs and outputs.")
    note: str | None = Field(description="What else there is to know; null if nothing.")
    source: str = Field(description="The module or function of PyTorch.")
    inputs: list[LayerInput] = Field(description="The inputs, in order.")
    arguments: list[LayerArgument] = Field(description="The arguments, in PyTorch's order.")
    example: str | None = Field(description="A spec that uses it; null if there is none.")
