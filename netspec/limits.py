"""Limits of one run, for any spec: text, steps, work.

A spec from a stranger must not be able to fill the memory of whoever only looks at it, or to keep a
language server busy. All loops whose length a spec decides charge the one `RunBudget` of their run, so that many
small things together meet the same limits as one large thing. The limits are far beyond what is ever built.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

MOST_BYTES: Final = 4 * 1024 * 1024
"""Bytes of all files that a run reads: some 50,000 steps that are written out."""
MOST_MARKS: Final = 500_000
"""Commas, colons and line ends of one text: there are hardly more values in it."""
MOST_LOCK_BYTES: Final = 4 * MOST_BYTES
MOST_LOCK_MARKS: Final = 4 * MOST_MARKS
"""The same of a lock, which has a line for each of up to 100,000 nodes."""
LARGEST: Final = 10**18
"""Integers are between minus this and this."""
MOST_EXPANDED: Final = 100_000
"""The maximum number of values that all aliases of a text expand to."""
MOST_NESTED_FILES: Final = 50
"""How deep files may use each other."""
MOST_STEPS: Final = 100_000
"""Steps, and further results of steps, that a network unfolds into."""
MOST_WORK: Final = 2_000_000
"""Operations of all expressions, names of all loops and inputs of all steps of a run: about a second."""
MOST_ADVICE: Final = 1_000_000
"""Names that misspelled ones are compared with, over all diagnostics of a run: the first ones get advice."""
SHAPE_RULE: Final = 100
"""The cost of trying a shape rule for advice."""
MOST_RESULTS: Final = 10_000
"""Results of one step, such as the parts of a `Split`."""
MOST_ITEMS: Final = 100_000
"""The maximum number of items of a list argument."""
MOST_LAYERS: Final = 1_000_000
"""Equal layers that one layer stacks: `num_layers`."""
MOST_TENSORS: Final = 200_000
"""Weights of one layer, where each is named: in a lock, a comparison or a file of weights."""


class LimitError(Exception):
    """A limit that was exceeded: a sentence, and a help."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.message, self.help = message, help


class RunBudget:
    """The remaining budget of a run. A negative one raises `LimitError`, which ends the run."""

    __slots__ = ("advice", "steps", "work")

    def __init__(self) -> None:
        self.steps = MOST_STEPS
        self.work = MOST_WORK
        self.advice = MOST_ADVICE

    def spend_steps(self, count: int) -> None:
        """Charge steps that the network unfolds into."""
        self.steps -= count
        if self.steps < 0:
            raise LimitError(
                f"this expands to more than {MOST_STEPS:,} steps",
                "reduce the repeats or nested blocks",
            )

    def spend_work(self, operations: int) -> None:
        """Charge operations."""
        self.work -= operations
        if self.work < 0:
            raise LimitError(
                f"the loops and expressions of this file take more than {MOST_WORK:,} operations",
                "loop over fewer items, or compute repeated values once, in `params`",
            )

    def has_advice(self, tries: int) -> bool:
        """Charge tries of an advice; without a rest there is no advice, which is no error."""
        self.advice -= tries
        return self.advice >= 0

    @property
    def spent_advice(self) -> int:
        """The tries of advice so far."""
        return MOST_ADVICE - self.advice


RUN: Final[ContextVar[RunBudget | None]] = ContextVar("RUN", default=None)
"""The budget of the current run, for advice that is computed far from the run."""
