"""The JSON of `netspec explain`: a node, a module with its contents, or the pages on codes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from netspec.schema.reports.check_report import UNCOUNTED, FormatVersion


class Iteration(BaseModel):
    """An iteration of a loop."""

    loop: str = Field(description="`repeat`, or `each` with the names of its variables.")
    number: int = Field(ge=1, description="The number of the iteration, counted from 1.")
    count: int = Field(ge=1, description="The number of iterations.")


class Surrounding(BaseModel):
    """A step in the text: the node itself, or a module around it."""

    path: str = Field(description="The path.")
    block: str | None = Field(description="The block that it is a use of; null for a group.")
    file: str = Field(description="The path of the file.")
    line: int = Field(ge=1, description="The line, counted from 1.")
    column: int = Field(ge=1, description="The column, counted from 1.")
    iterations: list[Iteration] = Field(
        description="The iteration of each loop around it, up to the next module."
    )


class ReportedTensor(BaseModel):
    """A tensor that flows in or out."""

    name: str | None = Field(description="The name at the node; null if it has none.")
    shape: list[int] = Field(description="The shape at `sizes`.")
    dtype: str = Field(description="The element type.")
    from_: str = Field(alias="from", description="The node or input that makes it.")


class FieldGrowth(BaseModel):
    """A node at which the receptive field grows."""

    size: int = Field(description="The length of the field after it.")
    path: str = Field(description="The path of the node.")


class ReceptiveField(BaseModel):
    """The elements of an input that one element of the first result depends on, along some dimensions."""

    input: str = Field(description="The input of the network.")
    axes: list[str] = Field(description="The dimensions that this is true of.")
    length: int = Field(description="The size of these dimensions.")
    kind: Literal["stretch", "everything", "unclear", "unknown", "nothing"] = Field(
        description="`stretch` if it is a window; the next four fields are present then."
    )
    size: int | None = Field(None, description="The length of the window.")
    jump: float | None = Field(None, description="The distance of neighboring windows.")
    start: int | None = Field(
        None, description="The start of the first window; below 0 is padding."
    )
    way: list[FieldGrowth] | None = Field(None, description="The nodes at which it grows.")
    since: str | None = Field(
        None, description="The node from which on it is everything, or unclear."
    )


class DerivedSize(BaseModel):
    """A size with its derivation."""

    axis: str = Field(description="The dimension.")
    text: str = Field(description="The derivation.")


class ExplainedArgument(BaseModel):
    """An argument of a node."""

    name: str = Field(description="The name.")
    value: str = Field(description="The value.")
    by: Literal["given", "inferred", "default"] = Field(description="Who decides the value.")
    written: str | None = Field(description="The text in the spec, if it is not the value itself.")


class ExplainedParameter(BaseModel):
    """A parameter tensor of a node."""

    name: str = Field(description="The name in the `state_dict` of the node.")
    shape: list[int] = Field(description="The shape.")
    count: int = Field(description="The number of elements.")
    text: str = Field(description="The derivation of the count.")
    tied: str | None = Field(description="The parameter of another node that it is; null if none.")


class ExplainedChild(BaseModel):
    """A node or module in a module, or several equal ones."""

    name: str = Field(description="The last part of the path.")
    path: str = Field(description="The path.")
    op: str | None = Field(description="The layer or block; null for a group.")
    times: int = Field(ge=1, description="The number of equal nodes or modules.")
    parameters: int = Field(description="The number of parameters.")
    macs: int = Field(description="The MACs.")
    nodes: int = Field(description="The number of nodes in it.")


class ExplainReport(BaseModel):
    """The common part of the reports on a node and a module."""

    format_version: FormatVersion = Field(description="The version of the format.")
    path: str = Field(description="The path; empty for the whole network.")
    op: str | None = Field(description="The layer or block; null for a group.")
    doc: str | None = Field(description="The `doc` of the step.")
    sizes: dict[str, int] = Field(description="The size of each symbol.")
    where: list[Surrounding] = Field(
        description="The step and the modules around it, outermost first."
    )
    inputs: list[ReportedTensor] = Field(description="What flows in.")
    results: list[ReportedTensor] = Field(description="The results.")
    shares: str | None = Field(description="The path of the node or module whose weights it uses.")
    receptive_field: list[ReceptiveField] = Field(
        description="The receptive field of the first result, for each input."
    )


class NodeReport(ExplainReport):
    """The JSON of `netspec explain SPEC PATH --format json` for a node."""

    summary: str = Field(description="What the layer does, in one sentence.")
    arguments: list[ExplainedArgument] = Field(description="The arguments, in PyTorch's order.")
    sizes_worked: list[list[DerivedSize]] = Field(
        description="For each result, the derivation of each size."
    )
    ways: list[DerivedSize] = Field(
        description="The size trace of each dimension of the first result."
    )
    parameters: list[ExplainedParameter] = Field(description="The parameters.")
    macs: int | None = Field(description="The MACs at `sizes`; null if unknown.")
    macs_worked: str = Field(description="The derivation of the MACs.")


class ModuleReport(ExplainReport):
    """The JSON of `netspec explain SPEC PATH --format json` for a module or the whole network."""

    nodes: int = Field(description="The number of nodes.")
    parameters: int = Field(description="The number of parameters.")
    macs: int = Field(description="The MACs at `sizes`.")
    macs_unknown: list[str] = Field(description=UNCOUNTED)
    children: list[ExplainedChild] = Field(description="What is in it.")


class CodePage(BaseModel):
    """The page of a code."""

    code: str = Field(description="The code.")
    title: str = Field(description="The title.")
    summary: str = Field(description="The first sentence.")


class CodeListReport(BaseModel):
    """The JSON of `netspec explain --format json`."""

    format_version: FormatVersion = Field(description="The version of the format.")
    codes: list[CodePage] = Field(description="The pages of all codes.")


class CodePageReport(CodePage):
    """The JSON of `netspec explain CODE --format json`."""

    format_version: FormatVersion = Field(description="The version of the format.")
    text: str = Field(description="The whole page, as Markdown.")
