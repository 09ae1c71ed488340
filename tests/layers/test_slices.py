"""Slice of an axis of open size with any bounds, compared with torch at concrete sizes."""

from __future__ import annotations

import itertools

import pytest
import torch

import netspec

BOUNDS = (
    "0", "2", "-2", "9", "-9", "'x.height // 2'", "'-(x.height // 2)'", "'x.height + 1'", "'x.height - 1'",
    "'-x.height'", "'-x.height - 2'", "'1 - x.height'", "'x.height // 2 - x.height'",
)  # fmt: skip
DIMS = ("", "dims: {H: {min: 4}}\n", "dims: {H: {max: 7}}\n", "dims: {H: {min: 3, max: 5}}\n")


def evaluate_at(bound: str, height: int) -> int:
    return int(eval(bound.strip("'").replace("x.height", str(height))))


@pytest.mark.parametrize("dims", DIMS)
def test_a_slice_is_what_torch_takes_wherever_it_is_valid(dims: str) -> None:
    for start, end in itertools.product(BOUNDS, (None, *BOUNDS)):
        until = "" if end is None else f", end: {end}"
        text = f"netspec: 1\n{dims}inputs: {{a: [1, H]}}\nbody: [{{op: Slice, dim: 1, start: {start}{until}}}]\n"
        text = text.replace("x.height", "x.size(1)")
        report = netspec.load(text).report
        assert report.graph is not None
        if report.errors:
            continue
        shape = report.graph.outputs.values[0].shape
        module = netspec.load(text).compile()
        for height in range(1, 24):
            if height not in report.graph.domains["H"]:
                continue
            stop = None if end is None else evaluate_at(end, height)
            truth = torch.zeros(1, height)[:, evaluate_at(start, height) : stop].shape[1]
            assert truth == _size(shape[1], height), (text, height)
            assert module(torch.zeros(1, height)).shape[1] == truth


def _size(size: object, height: int) -> int:
    return size if isinstance(size, int) else size.evaluate({"H": height})  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("bounds", "valid"),
    [
        ("start: '-(x.size(1) // 2)'", "H >= 2"),
        ("start: -9", "H >= 9"),
        ("end: x.size(1) + 1", "any H"),
        ("start: -x.size(1) - 2", "any H"),
    ],
)
def test_a_slice_is_valid_for(bounds: str, valid: str) -> None:
    text = f"netspec: 1\ninputs: {{a: [1, H]}}\nbody: [{{op: Slice, dim: 1, {bounds}}}]\n"
    graph = netspec.load(text).report.graph
    assert graph is not None
    assert graph.domains["H"].describe("H") == valid


def test_an_end_beyond_an_axis_that_is_always_shorter_is_cut_short() -> None:
    text = "netspec: 1\ndims: {H: {max: 7}}\ninputs: {a: [1, H]}\nbody: [{op: Slice, dim: 1, end: 9}]\n"
    network = netspec.load(text)
    assert network.diagnostics == ()
    assert network.compile()(torch.zeros(1, 7)).shape == (1, 7)
