"""The types of the JSON that the commands write, as the models in `netspec/schema/reports` have it.

`python tests/docs/report_tables.py` writes this module: a command does not load pydantic to write a report.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from netspec.diagnostics import Severity


class PlaceJson(TypedDict):
    """A range of a file."""

    file: str
    start: PositionJson
    end: PositionJson


class TextEditJson(PlaceJson):
    """A replacement of a range of a file."""

    replacement: str


class PositionJson(TypedDict):
    """A position between two characters of a file."""

    line: int
    col: int
    byte: int


class TraceJson(PlaceJson):
    """A block or a group around the node of a diagnostic."""

    path: str


class AdviceJson(TypedDict):
    """Advice on a diagnostic."""

    message: str
    edits: list[TextEditJson]


class LabelJson(PlaceJson):
    """A range of a file with a remark."""

    label: str


class DiagnosticJson(TypedDict):
    """An error or a warning."""

    file: str
    code: str
    severity: Severity
    message: str
    primary: LabelJson | None
    labels: list[LabelJson]
    notes: list[str]
    help: list[AdviceJson]
    path: str
    trace: list[TraceJson]
    uses: int


class CheckedFileJson(TypedDict):
    """A file; the fields after `kind` are present if it is a valid network."""

    file: str
    valid: bool
    kind: Literal["network", "library", "no spec", "unreadable"]
    name: NotRequired[str]
    nodes: NotRequired[int]
    parameters: NotRequired[int]
    macs: NotRequired[int]
    macs_unknown: NotRequired[list[str]]
    sizes: NotRequired[dict[str, int]]
    valid_for: NotRequired[dict[str, str]]
    unproved: NotRequired[list[str]]


class CountsJson(TypedDict):
    """The numbers of a run."""

    files: int
    errors: int
    warnings: int
    skipped: int


class CheckReportJson(TypedDict):
    """The JSON of `netspec check --format json`."""

    format_version: Literal["1.0"]
    valid: bool
    summary: CountsJson
    files: list[CheckedFileJson]
    diagnostics: list[DiagnosticJson]


class SummaryRowJson(TypedDict):
    """A node, a module, or several equal ones."""

    name: str
    path: str
    op: str | None
    output: list[int | str] | None
    parameters: int
    macs: int
    nodes: int
    times: int
    shares: NotRequired[str]
    doc: NotRequired[str]
    children: NotRequired[list[SummaryRowJson]]


class SummaryReportJson(TypedDict):
    """The JSON of `netspec summary --format json`."""

    format_version: Literal["1.0"]
    name: str
    inputs: dict[str, list[int | str] | None]
    outputs: dict[str, list[int | str] | None] | list[list[int | str] | None]
    sizes: dict[str, int]
    valid_for: dict[str, str]
    unproved: list[str]
    nodes: int
    parameters: int
    macs: int
    macs_unknown: list[str]
    rows: list[SummaryRowJson]


class NodeChangeJson(TypedDict):
    """A node of both networks that differs."""

    before: ComparedNodeJson
    after: ComparedNodeJson
    decided: list[ChangeJson]
    follows: list[ChangeJson]


ComparedNodeJson = TypedDict(
    "ComparedNodeJson",
    {
        "path": str,
        "op": str,
        "arguments": dict[str, str],
        "from": list[str],
        "shapes": list[str],
        "parameters": int,
        "macs": int | None,
    },
)
"""A node of one of the networks."""


class RenameJson(TypedDict):
    """A module or node with another path."""

    before: str
    after: str
    nodes: int


class ChangeJson(TypedDict):
    """A fact that differs; a value is empty if the network does not have the fact."""

    name: str
    before: str
    after: str


class ComparedNetworkJson(TypedDict):
    """One of the networks."""

    name: str
    nodes: int
    parameters: int
    macs: int
    macs_unknown: list[str]
    sizes: str
    valid_for: str


class DiffReportJson(TypedDict):
    """The JSON of `netspec diff --format json`."""

    format_version: Literal["1.0"]
    different: bool
    before: ComparedNetworkJson
    after: ComparedNetworkJson
    settings: list[ChangeJson]
    inputs: list[ChangeJson]
    outputs: list[ChangeJson]
    totals: list[ChangeJson]
    renamed: list[RenameJson]
    removed: list[ComparedNodeJson]
    added: list[ComparedNodeJson]
    changed: list[NodeChangeJson]


class FieldGrowthJson(TypedDict):
    """A node at which the receptive field grows."""

    size: int
    path: str


class IterationJson(TypedDict):
    """An iteration of a loop."""

    loop: str
    number: int
    count: int


class CodePageJson(TypedDict):
    """The page of a code."""

    code: str
    title: str
    summary: str


class ExplainedChildJson(TypedDict):
    """A node or module in a module, or several equal ones."""

    name: str
    path: str
    op: str | None
    times: int
    parameters: int
    macs: int
    nodes: int


class ExplainedParameterJson(TypedDict):
    """A parameter tensor of a node."""

    name: str
    shape: list[int]
    count: int
    text: str
    tied: str | None


class DerivedSizeJson(TypedDict):
    """A size with its derivation."""

    axis: str
    text: str


class ExplainedArgumentJson(TypedDict):
    """An argument of a node."""

    name: str
    value: str
    by: Literal["given", "inferred", "default"]
    written: str | None


class ReceptiveFieldJson(TypedDict):
    """The elements of an input that one element of the first result depends on, along some dimensions."""

    input: str
    axes: list[str]
    length: int
    kind: Literal["stretch", "everything", "unclear", "unknown", "nothing"]
    size: NotRequired[int]
    jump: NotRequired[float]
    start: NotRequired[int]
    way: NotRequired[list[FieldGrowthJson]]
    since: NotRequired[str]


ReportedTensorJson = TypedDict(
    "ReportedTensorJson",
    {
        "name": str | None,
        "shape": list[int],
        "dtype": str,
        "from": str,
    },
)
"""A tensor that flows in or out."""


class SurroundingJson(TypedDict):
    """A step in the text: the node itself, or a module around it."""

    path: str
    block: str | None
    file: str
    line: int
    column: int
    iterations: list[IterationJson]


class CodePageReportJson(CodePageJson):
    """The JSON of `netspec explain CODE --format json`."""

    format_version: Literal["1.0"]
    text: str


class CodeListReportJson(TypedDict):
    """The JSON of `netspec explain --format json`."""

    format_version: Literal["1.0"]
    codes: list[CodePageJson]


class ExplainReportJson(TypedDict):
    """The common part of the reports on a node and a module."""

    format_version: Literal["1.0"]
    path: str
    op: str | None
    doc: str | None
    sizes: dict[str, int]
    where: list[SurroundingJson]
    inputs: list[ReportedTensorJson]
    results: list[ReportedTensorJson]
    shares: str | None
    receptive_field: list[ReceptiveFieldJson]


class ModuleReportJson(ExplainReportJson):
    """The JSON of `netspec explain SPEC PATH --format json` for a module or the whole network."""

    nodes: int
    parameters: int
    macs: int
    macs_unknown: list[str]
    children: list[ExplainedChildJson]


class NodeReportJson(ExplainReportJson):
    """The JSON of `netspec explain SPEC PATH --format json` for a node."""

    summary: str
    arguments: list[ExplainedArgumentJson]
    sizes_worked: list[list[DerivedSizeJson]]
    ways: list[DerivedSizeJson]
    parameters: list[ExplainedParameterJson]
    macs: int | None
    macs_worked: str


class MemoryPlanRowJson(TypedDict):
    """A program for a network, with its memory and its recomputation."""

    program: Literal["plain", "training"]
    peak_bytes: int
    recomputed_flops: int
    checkpoints: list[str]


class MemoryPlanReportJson(TypedDict):
    """What `netspec compile --plan --format json` prints."""

    format_version: Literal["1.0"]
    name: str
    sizes: dict[str, int]
    parameter_bytes: int
    buffer_bytes: int
    input_bytes: int
    forward_flops: int
    budget: int | None
    chosen: int | None
    rows: list[MemoryPlanRowJson]


class LayerArgumentJson(TypedDict):
    """An argument of a layer."""

    name: str
    doc: str
    type: str
    default: object
    required: bool
    inferred: bool


class LayerInputJson(TypedDict):
    """An input of a layer."""

    name: str
    optional: bool


class ListedLayerJson(TypedDict):
    """A layer in the list."""

    name: str
    category: str
    summary: str


class LayerReportJson(TypedDict):
    """The JSON of `netspec layers NAME --format json`."""

    format_version: Literal["1.0"]
    name: str
    summary: str
    shape: str
    note: str | None
    source: str
    inputs: list[LayerInputJson]
    arguments: list[LayerArgumentJson]
    example: str | None


class LayerListReportJson(TypedDict):
    """The JSON of `netspec layers --format json`."""

    format_version: Literal["1.0"]
    layers: list[ListedLayerJson]
