"""The JSON Schemas of the reports."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, TypeAdapter

from netspec.schema.reports.check_report import CheckReport
from netspec.schema.reports.diff_report import DiffReport
from netspec.schema.reports.explain_report import (
    CodeListReport,
    CodePageReport,
    ModuleReport,
    NodeReport,
)
from netspec.schema.reports.layer_report import LayerListReport, LayerReport
from netspec.schema.reports.memory_plan_report import MemoryPlanReport
from netspec.schema.reports.summary_report import SummaryReport

REPORTS: dict[str, tuple[type[BaseModel], ...]] = {
    "check": (CheckReport,),
    "summary": (SummaryReport,),
    "diff": (DiffReport,),
    "explain": (NodeReport, ModuleReport, CodeListReport, CodePageReport),
    "compile": (MemoryPlanReport,),
    "layers": (LayerListReport, LayerReport),
}
"""The reports by the command that prints them, each of them one of these."""


def report_schema(command: str) -> dict[str, Any]:
    """The JSON Schema of what a command prints with `--format json`."""
    models = REPORTS[command]
    union: Any = models[0]
    for model in models[1:]:
        union |= model
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:netspec:report:{command}:1",
        **TypeAdapter(union).json_schema(),
        "title": f"what `netspec {command} --format json` prints",
    }


def report_schema_text(command: str) -> str:
    """The schema as a file."""
    return json.dumps(report_schema(command), indent=1, ensure_ascii=False) + "\n"
