"""Random networks compute what a second reading of the page says, with the same keys in the same order."""

from __future__ import annotations

import json

import pytest
import torch
from sampling import some

import netspec
from language.random_network import Reader, Writer

torch.set_num_threads(1)


def agree(seed: int) -> None:
    spec = Writer(seed).spec()
    network = netspec.load(json.dumps(spec))
    errors = [d for d in network.diagnostics if d.severity == "error"]
    assert not errors, (errors[0].message, json.dumps(spec))
    torch.manual_seed(seed)
    made = network.compile().eval()
    image = torch.randn(1, 2, 3, 3)
    reader = Reader(spec, made.state_dict())
    with torch.no_grad():
        expected = reader.run(image)
        torch.testing.assert_close(made(image), expected, msg=lambda m: f"{m}\n{json.dumps(spec)}")
    ours = list(made.state_dict())
    theirs = list(reader.keys())
    assert [k for k in ours if k in set(theirs)] == theirs, json.dumps(spec)
    assert set(ours) == set(theirs), json.dumps(spec)


@pytest.mark.parametrize("start", some(range(0, 60, 20), 2))
def test_random_networks_agree_with_a_second_reading(start: int) -> None:
    for seed in range(start, start + 20):
        agree(seed)


@pytest.mark.sweep
@pytest.mark.parametrize("start", range(1000, 3000, 100))
def test_many_random_networks_agree_with_a_second_reading(start: int) -> None:
    for seed in range(start, start + 100):
        agree(seed)
