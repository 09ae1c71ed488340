"""Every argument of every layer at the edges of what a number can be: a diagnostic or a shape, and soon."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import process_time
from typing import Any

import pytest
import yaml

from netspec.check import Report, check_text
from netspec.layer.base import Layer
from netspec.reference.layer_guide import Guide, built_in

EDGES = [0, 1, -1, 2**31, 2**63, 10**19]
SECONDS = 0.2
"""Of the processor, for one check."""
GUIDES = {guide.op: guide for _, guides in built_in() for guide in guides}


def steps_of(node: Any, op: str) -> Iterator[tuple[Any, Any]]:
    """Where the op is used in a spec: what holds the step, and under which key or number."""
    for key, item in list(enumerate(node) if isinstance(node, list) else node.items()):
        if item == op or (isinstance(item, dict) and item.get("op") == op):
            yield node, key
        elif isinstance(item, dict | list):
            yield from steps_of(item, op)


def with_argument(guide: Guide, name: str, value: object) -> str:
    """The layer's example with one argument set."""
    spec = yaml.safe_load(guide.example())
    holder, key = next(steps_of(spec["body"], guide.op))
    step = holder[key] if isinstance(holder[key], dict) else {"op": guide.op}
    holder[key] = {**step, name: value}
    return json.dumps(spec)


def values(layer: type[Layer], name: str) -> Iterator[object]:
    """The edges, alone and in lists as long as arguments take them."""
    yield from EDGES
    kind = type(layer.arguments[name].kind).__name__
    if kind in ("PerAxis", "PerSide", "OneOf", "ListOf"):
        yield from ([edge] * length for edge in EDGES[3:] for length in (1, 2, 4, 6))


def measured(report: Report) -> None:
    """What every report counts."""
    if report.graph is not None:
        assert report.graph.parameter_count >= 0
        assert report.graph.macs() >= 0


def is_slow(text: str) -> bool:
    """Whether a check takes long, twice: the collector of garbage may run once, with all that the tests hold."""
    for _ in range(2):
        began = process_time()
        measured(check_text(text, "edge.json"))
        if process_time() - began <= SECONDS:
            return False
    return True


@pytest.mark.parametrize("op", GUIDES)
def test_an_argument_at_the_edges(op: str) -> None:
    guide = GUIDES[op]
    slow = []
    for name in guide.layer.arguments:
        for value in values(guide.layer, name):
            text = with_argument(guide, name, value)
            if is_slow(text):
                slow.append((name, value))
    assert not slow


@pytest.mark.parametrize("size", [10**9 + 7, 10**15])
@pytest.mark.parametrize("op", GUIDES)
def test_an_input_at_the_edges(op: str, size: int) -> None:
    guide = GUIDES[op]
    spec = yaml.safe_load(guide.example())
    slow = []
    for name, declared in spec.get("inputs", {}).items():
        shape = declared["shape"] if isinstance(declared, dict) else declared
        for axis, before in enumerate(shape):
            shape[axis] = size
            if is_slow(json.dumps(spec)):
                slow.append((name, axis))
            shape[axis] = before
    assert not slow


def test_the_limit_is_named() -> None:
    text = "netspec: 1\ninputs: {a: [N, 8]}\nbody: [{op: Chunk, chunks: 1000000000, dim: 1}]\n"
    (diagnostic,) = check_text(text).errors
    assert (diagnostic.code, diagnostic.label) == ("NS108", "must be an integer from 1 to 10000")


def test_results_of_a_split_are_bounded() -> None:
    text = "netspec: 1\ninputs: {a: [N, 1000000000]}\nbody: [{op: Split, split_size: 1, dim: 1}]\n"
    (diagnostic,) = check_text(text).errors
    assert diagnostic.code == "NS123"
    assert diagnostic.label == "more than 10,000 results"


@pytest.mark.parametrize("value", ["1e308", "-1e308", "1e19"])
def test_a_float_beyond_the_bounds_is_not_an_integer(value: str) -> None:
    text = f"netspec: 1\ninputs: {{a: [N, 4]}}\nbody: [{{op: Roll, shifts: {value}, dims: 1}}]"
    [error] = check_text(text).errors
    assert (error.code, error.message) == ("NS108", f"`shifts` of `Roll` cannot be {float(value)}")
    assert not check_text(text.replace(value, "1e18")).errors
