"""A memory plan as a table."""

from __future__ import annotations

from netspec.optimize.memory.byte_sizes import bytes_text
from netspec.optimize.memory.plan import MemoryPlan, PlanRow
from netspec.report.numbers import counted, scaled

_SHOWN_PATHS = 3


def plan_text(plan: MemoryPlan, budget: int | None, chosen: PlanRow | None) -> str:
    """Return the front of memory against recomputation.

    Args:
        plan: The plan.
        budget: The bytes that a training step may take, if that matters.
        chosen: The row that the budget chooses.
    """
    sizes = ", ".join(f"{name} = {size}" for name, size in plan.sizes.items())
    lines = [
        f"{plan.graph.name}{f' at {sizes}' if sizes else ''}: a training step in 32-bit floats",
        f"parameters {bytes_text(plan.parameter_bytes)}, and as much for their gradients; buffers "
        f"{bytes_text(plan.buffer_bytes)}; inputs {bytes_text(plan.input_bytes)}; "
        f"forward pass {scaled(plan.forward_flops)}FLOP",
        "",
    ]
    table = [("", "peak", "recomputed", "", "program", "checkpoints")]
    for row in plan.rows:
        share = f"{100 * row.recomputed_flops / max(plan.forward_flops, 1):.1f} %"
        flops = f"{scaled(row.recomputed_flops)}FLOP"
        program = "training" if row.is_training else "plain"
        mark = "→" if row is chosen else ""
        table.append((mark, bytes_text(row.peak), flops, share, program, _checkpoints(row)))
    widths = [max(len(line[k]) for line in table) for k in range(len(table[0]))]
    for mark, *cells, last in table:
        padded = [cells[0].rjust(widths[1]), cells[1].rjust(widths[2]), cells[2].rjust(widths[3])]
        line = "  ".join([mark.ljust(widths[0]), *padded, cells[3].ljust(widths[4]), last])
        lines.append(line.rstrip())
    if budget is not None:
        lines += ["", f"budget {bytes_text(budget)}: {_verdict(plan, chosen)}"]
    return "\n".join(lines)


def _checkpoints(row: PlanRow) -> str:
    paths = [level.path for level in row.levels]
    if len(paths) <= _SHOWN_PATHS:
        return ", ".join(paths) or "none"
    return f"{', '.join(paths[:_SHOWN_PATHS])}, … ({counted(len(paths), 'module')})"


def _verdict(plan: MemoryPlan, chosen: PlanRow | None) -> str:
    if chosen is None:
        return f"no program fits, the smallest peak is {bytes_text(plan.rows[-1].peak)}"
    return f"the row marked → fits with {bytes_text(chosen.peak)}"
