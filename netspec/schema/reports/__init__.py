"""The output of `--format json` of each command, as pydantic models.

The commands write their reports without pydantic. The types of what they write are generated from these models
(`netspec/report/json_types.py`), so that mypy compares the two.
"""

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
from netspec.schema.reports.report_schema import REPORTS, report_schema, report_schema_text
from netspec.schema.reports.summary_report import SummaryReport

__all__ = [
    "REPORTS", "CheckReport", "CodeListReport", "CodePageReport", "DiffReport", "LayerListReport",
    "LayerReport", "MemoryPlanReport", "ModuleReport", "NodeReport", "SummaryReport",
    "report_schema", "report_schema_text",
]  # fmt: skip
