"""The JSON of `netspec check`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from netspec.diagnostics import Severity

FormatVersion = Literal["1.0"]
"""Rises in the second number for additions, in the first for everything else."""

UNCOUNTED = "The ops of unknown cost, which `macs` excludes."
VALID_FOR = "Each symbol with the condition on it."
UNPROVED = "The relations between symbols that must hold as well."


class Position(BaseModel):
    """A position between two characters of a file."""

    line: int = Field(ge=1, description="The line, counted from 1.")
    col: int = Field(ge=1, description="The column in characters, counted from 1.")
    byte: int = Field(ge=0, description="The offset in the UTF-8 text of the file, counted from 0.")


class Place(BaseModel):
    """A range of a file."""

    file: str = Field(description="The path of the file.")
    start: Position = Field(description="The first position in the range.")
    end: Position = Field(description="The first position after the range.")


class Label(Place):
    """A range of a file with a remark."""

    label: str = Field(description="The remark; may be empty.")


class TextEdit(Place):
    """A replacement of a range of a file."""

    replacement: str = Field(description="The new text.")


class Advice(BaseModel):
    """Advice on a diagnostic."""

    message: str = Field(description="The advice, in the imperative.")
    edits: list[TextEdit] = Field(
        description="The edits that carry it out, to be applied together; may be empty."
    )


class Trace(Place):
    """A block or a group around the node of a diagnostic."""

    path: str = Field(description="The path of the block or group.")


class Diagnostic(BaseModel):
    """An error or a warning."""

    file: str = Field(
        description="The checked file; the place of the diagnostic may be in a file that it uses."
    )
    code: str = Field(
        pattern=r"^NS\d{3}$", description="The code, an argument of `netspec explain`."
    )
    severity: Severity = Field(description="`error` or `warning`.")
    message: str = Field(description="One self-contained sentence.")
    primary: Label | None = Field(description="The place; null if there is none.")
    labels: list[Label] = Field(description="Other relevant places, also in other files.")
    notes: list[str] = Field(description="The arithmetic and other facts.")
    help: list[Advice] = Field(description="What to do.")
    path: str = Field(
        description="The node that the diagnostic refers to, as the prefix of its `state_dict` keys; may be empty."
    )
    trace: list[Trace] = Field(
        description="The blocks and groups around that node, outermost first."
    )
    uses: int = Field(ge=1, description="The number of uses of a block with the same mistake.")


class CheckedFile(BaseModel):
    """A file; the fields after `kind` are present if it is a valid network."""

    file: str = Field(description="The path of the file.")
    valid: bool = Field(description="Whether it has no error.")
    kind: Literal["network", "library", "no spec", "unreadable"] = Field(
        description="What the file is."
    )
    name: str | None = Field(None, description="The name of the network.")
    nodes: int | None = Field(None, description="The number of nodes.")
    parameters: int | None = Field(None, description="The number of parameters.")
    macs: int | None = Field(None, description="The MACs of one forward pass at `sizes`.")
    macs_unknown: list[str] | None = Field(None, description=UNCOUNTED)
    sizes: dict[str, int] | None = Field(None, description="The size of each symbol for the costs.")
    valid_for: dict[str, str] | None = Field(None, description=VALID_FOR)
    unproved: list[str] | None = Field(None, description=UNPROVED)


class Counts(BaseModel):
    """The numbers of a run."""

    files: int = Field(description="The number of files.")
    errors: int = Field(description="The number of errors.")
    warnings: int = Field(description="The number of warnings.")
    skipped: int = Field(description="The number of files skipped because they are not specs.")


class CheckReport(BaseModel):
    """The JSON of `netspec check --format json`."""

    format_version: FormatVersion = Field(description="The version of the format.")
    valid: bool = Field(description="Whether the exit code is 0.")
    summary: Counts = Field(description="The numbers of the run.")
    files: list[CheckedFile] = Field(description="The checked files.")
    diagnostics: list[Diagnostic] = Field(description="The diagnostics, in the order of the text.")
