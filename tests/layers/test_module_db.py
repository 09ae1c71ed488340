"""PyTorch's own samples of its modules, against the rules: those that run, and those that fail."""

from __future__ import annotations

from collections import Counter

import pytest
from torch_samples import rejected_samples, samples

OTHERWISE = (
    "index out of range",  # what the numbers are that flow in
    "does not match weight dtype",  # how a module was converted after it was built
)
"""Why torch may reject a call although its arguments and shapes are right."""


@pytest.mark.sweep
def test_the_rules_give_what_torchs_own_samples_give() -> None:
    counts: Counter[str] = Counter()
    for sample in samples():
        if not sample.empty():
            assert sample.asked() == sample.run(), sample
            counts[sample.op] += 1
    assert len(counts) > 85
    assert counts.total() > 1300


@pytest.mark.sweep
def test_the_rules_reject_what_torchs_own_samples_say_is_wrong() -> None:
    counts: Counter[str] = Counter()
    for sample in rejected_samples():
        theirs, ours = sample.run(), sample.asked()
        otherwise = isinstance(theirs, str) and any(reason in theirs for reason in OTHERWISE)
        assert otherwise or isinstance(ours, str), sample
        counts["otherwise" if otherwise else sample.op] += 1
    assert len(counts) > 15
    assert counts["otherwise"] <= 8
    assert counts.total() > 140
