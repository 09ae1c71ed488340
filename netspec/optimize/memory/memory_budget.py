"""The program whose training step fits into a budget of bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from netspec.codegen import Generated, generate
from netspec.graph import Graph
from netspec.graph.nodes import BATCH
from netspec.optimize.memory.byte_sizes import bytes_text
from netspec.optimize.memory.plan import MemoryPlan, PlanRow
from netspec.optimize.training import optimize_training
from netspec.syntax import Spec


class BudgetError(ValueError):
    """No program fits into a budget.

    Attributes:
        message: The smallest peak.
        help: What to do about it.
    """

    def __init__(self, plan: MemoryPlan, budget: int) -> None:
        smallest = bytes_text(plan.rows[-1].peak)
        sizes = ", ".join(f"{name} = {size}" for name, size in plan.sizes.items())
        place = f" at {sizes}" if sizes else ""
        self.message = (
            f"a training step of `{plan.graph.name}`{place} requires {smallest} or more, "
            f"but the budget is {bytes_text(budget)}"
        )
        self.help = f"allow {smallest}, or reduce a size, such as that of the batch"
        super().__init__(f"{self.message}; {self.help}")


class MissingSizeError(ValueError):
    """A symbol of the batch has no size.

    Attributes:
        message: The symbol.
        help: What to do about it.
    """

    def __init__(self, symbol: str) -> None:
        self.message = f"the memory of a training step depends on the size `{symbol}`"
        self.help = f"set it: `--size {symbol}=8`, or `sizes={{'{symbol}': 8}}` in Python"
        super().__init__(f"{self.message}; {self.help}")


def complete_sizes(graph: Graph, sizes: Mapping[str, int]) -> dict[str, int]:
    """Return a size for each symbol: the example of the spec for those that are not given, but for the batch.

    Args:
        graph: The network.
        sizes: The given sizes.

    Raises:
        MissingSizeError: A symbol has no size.
    """
    complete = {**{k: v for k, v in graph.examples.items() if k not in BATCH}, **sizes}
    for symbol in graph.domains:
        if symbol not in complete:
            raise MissingSizeError(symbol)
    return complete


def program_within(
    plan: MemoryPlan,
    row: PlanRow,
    elaborate_again: Callable[[], Graph],
    file: str,
    spec: Spec | None,
) -> Generated:
    """Return the program of a row of a plan.

    Args:
        plan: The plan.
        row: One of its rows.
        elaborate_again: Returns a graph equal to that of the plan, which is changed.
        file: The path of the spec, for the header.
        spec: The spec.
    """
    graph = elaborate_again()
    chosen = set(row.levels)
    for ours, theirs in zip(plan.graph.root.levels(), graph.root.levels(), strict=True):
        theirs.checkpoint = theirs.checkpoint or ours in chosen
    return generate(graph, file, spec, rewrite=optimize_training if row.is_training else None)
