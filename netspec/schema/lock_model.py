"""The lock file as a pydantic model: written by `netspec lock`, and read by `netspec check --locked`.

The writer and the reader (`netspec/compare/lock_file.py`) follow a table that is generated from these models.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _text(value: Any) -> Any:
    """A scalar as text: a reader of YAML returns a word or number of the file as another type."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value) if isinstance(value, int | float) else value


LockText = Annotated[str, BeforeValidator(_text)]
"""A text, which the file writes without quotes if it is one word or a number."""


class _LockPart(BaseModel):
    """A part of a lock file; a field with its default value is omitted."""

    model_config = ConfigDict(populate_by_name=True)


class LockedNode(_LockPart):
    """A node, by its path."""

    op: LockText = Field(description="The layer.")
    with_: dict[LockText, LockText] = Field(
        default={}, alias="with", description="The arguments that are not the default."
    )
    from_: list[LockText] = Field(alias="from", description="The nodes and inputs that it reads.")
    gives: list[LockText] = Field(description="The shapes of its results.")
    parameters: int = Field(default=0, description="The number of parameters.")
    macs: int = Field(default=0, description="The MACs at `sizes`.")


class LockFile(_LockPart):
    """The facts of a network, as YAML: read it with any YAML reader, and validate what it returns."""

    netspec_lock: Literal[1] = Field(alias="netspec-lock", description="The version of the format.")
    name: LockText = Field(description="The name of the network.")
    settings: dict[LockText, LockText] = Field(description="The parameters of the file.")
    inputs: dict[LockText, LockText] = Field(description="The inputs with shape and element type.")
    outputs: dict[LockText, LockText] = Field(
        description="The outputs with their shapes, by name or number."
    )
    returns: LockText = Field(
        default="", description="What the network returns: `one`, `tuple` or `dict`."
    )
    made_by: dict[LockText, LockText] = Field(
        default={}, description="The node that makes each output."
    )
    valid: LockText = Field(description="The sizes for which it is valid; empty for all.")
    sizes: LockText = Field(description="The size of each symbol for the costs.")
    parameters: int = Field(description="The number of parameters.")
    macs: int = Field(description="The MACs of one forward pass at `sizes`.")
    macs_unknown: list[LockText] = Field(
        default=[], description="The ops of unknown cost, which `macs` excludes."
    )
    field: dict[LockText, LockText] = Field(description="The receptive field of the first output.")
    nodes: dict[LockText, LockedNode] = Field(description="The nodes, in order.")


def lock_schema_text() -> str:
    """The JSON Schema of a lock file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:netspec:lock:1",
        **LockFile.model_json_schema(),
        "title": "a lock file of netspec",
    }
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
