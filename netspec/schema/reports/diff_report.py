"""The JSON of `netspec diff`."""

from __future__ import annotations

from pydantic import BaseModel, Field

from netspec.schema.reports.check_report import UNCOUNTED, FormatVersion


class Change(BaseModel):
    """A fact that differs; a value is empty if the network does not have the fact."""

    name: str = Field(description="The name of the fact.")
    before: str = Field(description="The value in the first network.")
    after: str = Field(description="The value in the second network.")


class ComparedNode(BaseModel):
    """A node of one of the networks."""

    path: str = Field(description="The path.")
    op: str = Field(description="The layer.")
    arguments: dict[str, str] = Field(description="The arguments that are not the default.")
    from_: list[str] = Field(alias="from", description="The nodes and inputs that it reads.")
    shapes: list[str] = Field(description="The shapes of its results.")
    parameters: int = Field(description="The number of parameters.")
    macs: int | None = Field(description="The MACs; null if unknown.")


class NodeChange(BaseModel):
    """A node of both networks that differs."""

    before: ComparedNode = Field(description="The node of the first network.")
    after: ComparedNode = Field(description="The node of the second network.")
    decided: list[Change] = Field(
        description="The changes made in the spec: op, arguments, inputs."
    )
    follows: list[Change] = Field(
        description="The consequences: changes of shapes, parameters and MACs."
    )


class Rename(BaseModel):
    """A module or node with another path."""

    before: str = Field(description="The path in the first network.")
    after: str = Field(description="The path in the second network.")
    nodes: int = Field(description="The number of nodes in it.")


class ComparedNetwork(BaseModel):
    """One of the networks."""

    name: str = Field(description="The name.")
    nodes: int = Field(description="The number of nodes.")
    parameters: int = Field(description="The number of parameters.")
    macs: int = Field(description="The MACs of one forward pass at `sizes`.")
    macs_unknown: list[str] = Field(description=UNCOUNTED)
    sizes: str = Field(description="The sizes for the costs, as text.")
    valid_for: str = Field(description="The sizes for which it is valid, as text; empty for all.")


class DiffReport(BaseModel):
    """The JSON of `netspec diff --format json`."""

    format_version: FormatVersion = Field(description="The version of the format.")
    different: bool = Field(description="Whether the networks differ.")
    before: ComparedNetwork = Field(description="The first network.")
    after: ComparedNetwork = Field(description="The second network.")
    settings: list[Change] = Field(description="Changes of the parameters of the file.")
    inputs: list[Change] = Field(description="Changes of the inputs.")
    outputs: list[Change] = Field(description="Changes of the outputs.")
    totals: list[Change] = Field(description="Changes of the totals.")
    renamed: list[Rename] = Field(description="Modules and nodes with another path.")
    removed: list[ComparedNode] = Field(description="Nodes of the first network only.")
    added: list[ComparedNode] = Field(description="Nodes of the second network only.")
    changed: list[NodeChange] = Field(description="Nodes of both networks that differ.")
