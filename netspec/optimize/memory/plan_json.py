"""A memory plan for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.optimize.memory.plan import MemoryPlan, PlanRow
from netspec.report.json_text import FORMAT_VERSION, json_text

if TYPE_CHECKING:
    from netspec.report.json_types import MemoryPlanReportJson, MemoryPlanRowJson


def plan_json(plan: MemoryPlan, budget: int | None, chosen: PlanRow | None) -> str:
    """Return the rows as JSON, with the number of the one that the budget chooses."""
    report: MemoryPlanReportJson = {
        "format_version": FORMAT_VERSION,
        "name": plan.graph.name,
        "sizes": dict(plan.sizes),
        "parameter_bytes": plan.parameter_bytes,
        "buffer_bytes": plan.buffer_bytes,
        "input_bytes": plan.input_bytes,
        "forward_flops": plan.forward_flops,
        "budget": budget,
        "chosen": None if chosen is None else plan.rows.index(chosen),
        "rows": [_row(row) for row in plan.rows],
    }
    return json_text(report)


def _row(row: PlanRow) -> MemoryPlanRowJson:
    return {
        "program": "training" if row.is_training else "plain",
        "peak_bytes": row.peak,
        "recomputed_flops": row.recomputed_flops,
        "checkpoints": [level.path for level in row.levels],
    }
