"""Words that several diagnostics about weights use."""

from __future__ import annotations


def counted_weights(count: int) -> str:
    """How many weights: `1 weight`, `1,204 weights`."""
    return f"{count:,} weight{'s' * (count != 1)}"


def is_or_are(count: int) -> str:
    """The verb for that many."""
    return "is" if count == 1 else "are"
