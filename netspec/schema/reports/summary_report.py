"""The JSON of `netspec summary`."""

from __future__ import annotations

from pydantic import BaseModel, Field

from netspec.schema.reports.check_report import UNCOUNTED, UNPROVED, VALID_FOR, FormatVersion

ReportedShape = list[int | str]
"""Sizes: a number, or the text of a symbolic size such as `(H+3)//32`."""


class SummaryRow(BaseModel):
    """A node, a module, or several equal ones."""

    name: str = Field(description="The last part of the path.")
    path: str = Field(description="The path.")
    op: str | None = Field(description="The layer or block; null for a group.")
    output: ReportedShape | None = Field(description="The shape of the output; null if unknown.")
    parameters: int = Field(description="The number of parameters.")
    macs: int = Field(description="The MACs.")
    nodes: int = Field(description="The number of nodes in it.")
    times: int = Field(
        ge=1,
        description="The number of equal nodes or modules; the numbers of the row are their totals.",
    )
    shares: str | None = Field(None, description="The path of the node whose weights it uses.")
    doc: str | None = Field(None, description="The `doc` of the step.")
    children: list[SummaryRow] | None = Field(None, description="The rows of a module.")


class SummaryReport(BaseModel):
    """The JSON of `netspec summary --format json`."""

    format_version: FormatVersion = Field(description="The version of the format.")
    name: str = Field(description="The name of the network.")
    inputs: dict[str, ReportedShape | None] = Field(description="The inputs with their shapes.")
    outputs: dict[str, ReportedShape | None] | list[ReportedShape | None] = Field(
        description="The shapes of the outputs, by name if they have names."
    )
    sizes: dict[str, int] = Field(description="The size of each symbol for the costs.")
    valid_for: dict[str, str] = Field(description=VALID_FOR)
    unproved: list[str] = Field(description=UNPROVED)
    nodes: int = Field(description="The number of nodes.")
    parameters: int = Field(description="The number of parameters.")
    macs: int = Field(description="The MACs of one forward pass at `sizes`.")
    macs_unknown: list[str] = Field(description=UNCOUNTED)
    rows: list[SummaryRow] = Field(description="The tree of the table.")
