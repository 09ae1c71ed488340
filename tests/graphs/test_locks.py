"""The lock of a random network reads back as the facts that it was written from."""

from __future__ import annotations

from random import Random

import pytest
from random_specs import grow
from sampling import some

import netspec
from netspec.compare import facts
from netspec.compare.lock_file import lock_text, read_lock


@pytest.mark.parametrize("seed", some(range(60), 20))
def test_the_lock_of_a_random_network_reads_back(seed: int) -> None:
    report = netspec.load(grow(Random(seed), 25).text).report
    if report.valid and report.graph is not None:
        network_facts = facts(report.graph)
        assert read_lock(lock_text(network_facts)) == network_facts
