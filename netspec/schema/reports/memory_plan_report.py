"""The JSON of `netspec compile --plan`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from netspec.schema.reports.check_report import FormatVersion


class MemoryPlanRow(BaseModel):
    """A program for a network, with its memory and its recomputation."""

    program: Literal["plain", "training"] = Field(
        description="The plain program, or that of `--optimize training`."
    )
    peak_bytes: int = Field(
        description="Parameters, buffers, inputs, and all that a training step allocates at its peak."
    )
    recomputed_flops: int = Field(
        description="The floating-point operations that the backward pass repeats."
    )
    checkpoints: list[str] = Field(
        description="The paths of the modules whose activations are computed again."
    )


class MemoryPlanReport(BaseModel):
    """What `netspec compile --plan --format json` prints."""

    format_version: FormatVersion = Field(description="The version of the format.")
    name: str = Field(description="The name of the network.")
    sizes: dict[str, int] = Field(description="The size of each symbol.")
    parameter_bytes: int = Field(description="The bytes of the parameters, and of their gradients.")
    buffer_bytes: int = Field(description="The bytes of the buffers.")
    input_bytes: int = Field(description="The bytes of the inputs.")
    forward_flops: int = Field(description="The floating-point operations of a forward pass.")
    budget: int | None = Field(description="The bytes of `--memory`; null without it.")
    chosen: int | None = Field(
        description="The index of the row that fits into the budget; null if there is none."
    )
    rows: list[MemoryPlanRow] = Field(
        description="Programs, each with a lower peak and more recomputation than the one before."
    )
