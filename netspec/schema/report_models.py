"""What `--format json` of each command prints, as pydantic models and as JSON Schemas.

The reports themselves are made without these: a check does not wait for pydantic. Tests hold the two together.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, Field

Size = int | str
"""A number, or the text of a symbolic size such as `(H+3)//32`."""


class Position(BaseModel):
    """A place between two characters of a file."""

    line: int = Field(ge=1, description="the line, counted from 1")
    col: int = Field(ge=1, description="the column, counted from 1, in characters")
    byte: int = Field(ge=0, description="the offset in the file's UTF-8 text, counted from 0")


class Place(BaseModel):
    """A stretch of a file; the end is the first place that is outside."""

    file: str
    start: Position
    end: Position


class Labeled(Place):
    """A range of a file with its label."""

    label: str


class Edit(Place):
    """A replacement that fixes a mistake."""

    replacement: str


class Advice(BaseModel):
    """What to do about a finding, in words; where it is certain also as edits, to be made together."""

    message: str
    edits: list[Edit]


class Trace(Place):
    """A block or a group on the way to the place of a finding."""

    path: str


class Finding(BaseModel):
    """One finding."""

    file: str = Field(description="the file that was being checked")
    code: str = Field(pattern=r"^NS\d{3}$", description="the code for `netspec explain`")
    severity: Literal["error", "warning"]
    message: str = Field(description="one self-contained sentence")
    primary: Labeled | None
    labels: list[Labeled] = Field(description="related places, also in other files")
    notes: list[str]
    help: list[Advice]
    path: str = Field(
        description="the path of the node, the prefix of its `state_dict` keys; or empty"
    )
    trace: list[Trace] = Field(
        description="the blocks and groups around that node, outermost first"
    )
    uses: int = Field(ge=1, description="how many uses of a block have the same finding")


class CheckedFile(BaseModel):
    """What is known of one file; the numbers are there where it is a valid network."""

    file: str
    valid: bool
    kind: Literal["network", "library", "no spec", "unreadable"]
    name: str | None = None
    nodes: int | None = None
    parameters: int | None = None
    macs: int | None = Field(None, description="MACs of one forward pass at `sizes`")
    macs_unknown: list[str] | None = Field(
        None, description="ops without a declared cost; `macs` excludes them"
    )
    sizes: dict[str, int] | None = None
    valid_for: dict[str, str] | None = Field(None, description="each size with the condition on it")
    unproved: list[str] | None = Field(
        None, description="relations between sizes that must also hold"
    )


class Counts(BaseModel):
    """How many of what."""

    files: int
    errors: int
    warnings: int
    skipped: int


class Check(BaseModel):
    """`netspec check --format json`."""

    format_version: Literal["1.0"]
    valid: bool = Field(description="whether the exit code is 0")
    summary: Counts
    files: list[CheckedFile]
    diagnostics: list[Finding]


class Row(BaseModel):
    """A node, a level with what is in it, or several that are alike."""

    name: str
    path: str
    op: str | None
    output: list[Size] | None
    parameters: int
    macs: int
    nodes: int
    times: int = Field(
        ge=1, description="how many equal nodes it represents; its numbers are their totals"
    )
    shares: str | None = Field(None, description="the node whose weights it shares")
    doc: str | None = None
    children: list[Row] | None = None


class Summary(BaseModel):
    """`netspec summary --format json`."""

    format_version: Literal["1.0"]
    name: str
    inputs: dict[str, list[Size] | None]
    outputs: dict[str, list[Size] | None] | list[list[Size] | None]
    sizes: dict[str, int]
    valid_for: dict[str, str]
    unproved: list[str]
    nodes: int
    parameters: int
    macs: int
    macs_unknown: list[str] = Field(description="ops without a declared cost; `macs` excludes them")
    rows: list[Row]


class Change(BaseModel):
    """One thing that was and that is now; empty where there was, or is, none."""

    name: str
    before: str
    after: str


class NodeFacts(BaseModel):
    """One node."""

    path: str
    op: str
    arguments: dict[str, str]
    from_: list[str] = Field(alias="from")
    shapes: list[str]
    parameters: int
    macs: int | None = Field(description="null if unknown")


class NodeChange(BaseModel):
    """A node of both networks that is not the same in them."""

    before: NodeFacts
    after: NodeFacts
    decided: list[Change] = Field(description="op, arguments and inputs")
    follows: list[Change] = Field(description="shapes, parameters and MACs")


class Rename(BaseModel):
    """A level or a node that goes by another path."""

    before: str
    after: str
    nodes: int


class NetworkFacts(BaseModel):
    """One of the two networks."""

    name: str
    nodes: int
    parameters: int
    macs: int
    macs_unknown: list[str] = Field(description="ops without a declared cost; `macs` excludes them")
    sizes: str
    valid_for: str


class Diff(BaseModel):
    """`netspec diff --format json`."""

    format_version: Literal["1.0"]
    different: bool
    before: NetworkFacts
    after: NetworkFacts
    settings: list[Change]
    inputs: list[Change]
    outputs: list[Change]
    totals: list[Change]
    renamed: list[Rename]
    removed: list[NodeFacts]
    added: list[NodeFacts]
    changed: list[NodeChange]


REPORTS: dict[str, type[BaseModel]] = {"check": Check, "summary": Summary, "diff": Diff}
"""The reports by the command that prints them."""


def report_schema(command: str) -> dict[str, Any]:
    """The JSON Schema of what a command prints with `--format json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:netspec:report:{command}:1",
        **REPORTS[command].model_json_schema(),
        "title": f"the output of `netspec {command} --format json`",
    }


def report_text(command: str) -> str:
    """The schema as a file."""
    return json.dumps(report_schema(command), indent=1, ensure_ascii=False) + "\n"
